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
    auto on_machine = here;
    on_machine.machine = "4f2a";
    EXPECT_EQ(parse_owner(owner_text(on_machine)), on_machine);
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

TEST(LocalPathOwner, ACopiedStateDirectoryIsAnotherInstallation) {
    for (bool const is_first_look : {true, false}) {
        EXPECT_TRUE(may_be_alive(with("a", "backup-2"), here, is_first_look));
        EXPECT_FALSE(may_be_alive(with("a", "backup-2", true), here, is_first_look));
        auto elsewhere = here;
        elsewhere.state = "/srv/copy";
        EXPECT_TRUE(may_be_alive(elsewhere, here, is_first_look));
    }
}

TEST(LocalPathOwner, MachinesWithTheSameNameAreDifferentPlaces) {
    auto mine = here, found = here;
    mine.machine = "4f2a";
    found.machine = "99b0";
    EXPECT_TRUE(may_be_alive(found, mine, true));
    found.machine = "4f2a";
    EXPECT_FALSE(may_be_alive(found, mine, true));
}

TEST(LocalPathOwner, WithoutAMachineTheHostAndTheStateDirectoryDecide) {
    auto mine = here;
    mine.machine = "4f2a";
    EXPECT_TRUE(is_same_place(here, mine)) << "written by an earlier version";
    EXPECT_TRUE(is_same_place(mine, here)) << "a system without an id";
    EXPECT_FALSE(is_same_place(with("a", "backup-2"), mine));
}

TEST(LocalPathOwner, AnInstallationThatLostItsJournalIsNotAnotherOneUnlessItAppearsLater) {
    EXPECT_FALSE(may_be_alive(with("b", "backup-1"), here, true));
    EXPECT_TRUE(may_be_alive(with("b", "backup-1"), here, false)) << "two containers with the same name";
}
