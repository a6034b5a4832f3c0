// What clients can ask for while what the start reads of LocalPath has not returned.
#include "daemon/app/unread_storage.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using testing::HasSubstr;

TEST(UnreadStorage, WhatShowsTheDaemonAndItsJobsIsAnswered) {
    for (auto const* method : {"status", "jobs.list", "vms.list", "schedule.pause", "jobs.cancel", "daemon.check"})
        EXPECT_TRUE(app::needs_no_storage(method)) << method;
}

TEST(UnreadStorage, NothingIsOrderedOrDeletedAndNoJobGetsANumber) {
    for (auto const* method :
         {"backup.start", "restore.start", "verify.start", "schedule.start", "backups.delete", "backups.undelete",
          "backups.prune", "backups.protect", "backups.accept", "adopt.apply", "links.add", "links.remove"})
        EXPECT_FALSE(app::needs_no_storage(method)) << method;
}

TEST(UnreadStorage, TheReasonSaysSinceWhenAndWhatToDo) {
    auto const error = app::storage_not_read_yet(UtcTime{std::chrono::hours{24 * 365 * 56}});
    EXPECT_EQ(error.code, Errc::refused);
    EXPECT_THAT(error.context, HasSubstr("since its start, 2025-12-18T00:00:00"));
    EXPECT_THAT(error.context, HasSubstr("scale-backupctl status"));
}

}  // namespace
}  // namespace sb::test
