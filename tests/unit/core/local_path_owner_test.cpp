#include "daemon/core/local_path_owner.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

LocalPathOwner const here{"a", "backup-1", "/var/lib/scale-backup", UtcTime{2'000'000'000s}, false};

LocalPathOwner with(std::string installation, std::string host, bool stopped = false) {
    auto owner = here;
    owner.installation = std::move(installation);
    owner.host = std::move(host);
    owner.stopped = stopped;
    return owner;
}

}  // namespace

TEST(LocalPathOwner, IsReadAsItWasWritten) {
    EXPECT_EQ(parse_owner(owner_text(here)), here);
    EXPECT_EQ(parse_owner(owner_text(with("b", "host", true))), with("b", "host", true));
    EXPECT_EQ(parse_owner(owner_text(with("b", "two\nlines"))), with("b", "two lines"));
}

TEST(LocalPathOwner, ATextWithoutAnInstallationNamesNone) {
    for (auto const* text : {"", "\n\n", "installation ", "host x\n", "garbage", "seen yesterday"})
        EXPECT_FALSE(parse_owner(text)) << text;
    EXPECT_TRUE(parse_owner("installation b\nseen yesterday\nmore later"));
}

TEST(LocalPathOwner, OnlyAnotherInstallationThatDidNotStopMayBeAlive) {
    EXPECT_FALSE(may_be_alive(here, here, false));
    EXPECT_TRUE(may_be_alive(with("b", "backup-2"), here, true));
    EXPECT_TRUE(may_be_alive(with("b", "backup-2"), here, false));
    EXPECT_FALSE(may_be_alive(with("b", "backup-2", true), here, false));
}

TEST(LocalPathOwner, AnInstallationThatLostItsJournalIsNotAnotherOneUnlessItAppearsLater) {
    EXPECT_FALSE(may_be_alive(with("b", "backup-1"), here, true));
    EXPECT_TRUE(may_be_alive(with("b", "backup-1"), here, false)) << "two containers with the same name";
}
