#include "daemon/hooks/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::hooks {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

TEST(HookEnvironment, PassesOnWhatEveryProgramNeedsAndNothingElse) {
    auto const result = hook_environment(
        {"HOME=/root", "LANG=de_DE.UTF-8", "LC_TIME=C", "TZ=Europe/Berlin", "PATH=/opt/bin:/usr/bin:/bin",
         "SMTP_PASSWORD=hunter2", "CREDENTIALS_DIRECTORY=/run/credentials", "NOTIFY_SOCKET=/run/n", "LISTEN_FDS=1",
         "SCALE_BACKUP_CONFIG=/etc/x", "LD_PRELOAD=/x.so", "broken"},
        "PostBackup");
    EXPECT_THAT(result,
                UnorderedElementsAre("HOME=/root", "LANG=de_DE.UTF-8", "LC_TIME=C", "TZ=Europe/Berlin",
                                     "PATH=/opt/bin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin",
                                     "SCALE_BACKUP_HOOK=PostBackup"));
}

TEST(HookEnvironment, IsUsableWhenTheDaemonHasNone) {
    EXPECT_THAT(hook_environment({}, "PreSchedule"),
                UnorderedElementsAre("HOME=/", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                     "SCALE_BACKUP_HOOK=PreSchedule"));
}

TEST(HookEnvironment, AFolderWithTheSamePrefixIsNotAUsualOne) {
    EXPECT_THAT(hook_environment({"PATH=/bin2:/usr/bin/x"}, "h"),
                Contains("PATH=/bin2:/usr/bin/x:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
}

}  // namespace
}  // namespace sb::hooks
