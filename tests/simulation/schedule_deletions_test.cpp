// What a person deletes is exported again soon, once: who deletes each copy does not have the VM exported without end.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct ScheduleDeletions : ::testing::Test {
    ScheduleFixture fixture;

    void SetUp() override {
        fixture.cluster.add_vm("A");
        fixture.start();
    }
    VmUuid vm() const { return fixture.cluster.vms.front().uuid; }
    std::size_t exports() const { return fixture.cluster.runs.size(); }
    std::optional<Condition> waits() const { return fixture.condition(ConditionKind::backup_moved_away, vm().text()); }
    /// As `scale-backupctl delete --yes` does.
    void delete_all() {
        std::vector<std::string> names;
        for (auto const& [name, manifest] : fixture.catalog.manifests) names.push_back(name);
        for (auto const& name : names) {
            if (fixture.engine->leases().is_in_use(name)) continue;
            auto backup = fixture.get(fixture.catalog.find(name)).value();
            auto& clean_up = fixture.scheduler->clean_up();
            ASSERT_TRUE(fixture.get(clean_up.remove_undoably(std::move(backup), "a person deleted it")));
            fixture.scheduler->folders_changed();
            fixture.scheduler->check_again();
        }
    }
    /// A script that archives each copy elsewhere and deletes it, from the opening of the window to its end.
    void archive_all_night() {
        fixture.run_until_clock(17h);
        for (int minute = 0; minute < 13 * 60; ++minute) {
            fixture.time.run_for(1min);
            delete_all();
        }
    }
    void restart() {
        fixture.stop();
        fixture.start_engine();
        fixture.start();
    }
};

}  // namespace

TEST_F(ScheduleDeletions, AVmWhoseOnlyCopyAPersonDeletesIsExportedAgainWithinSeconds) {
    fixture.run_until_clock(18h);
    ASSERT_EQ(exports(), 1u);
    delete_all();
    fixture.time.run_for(10s);
    EXPECT_EQ(exports(), 2u);
    EXPECT_FALSE(waits());
}

TEST_F(ScheduleDeletions, WhoArchivesAndDeletesEachCopyGetsOneMoreExportAndThenOneAnInterval) {
    archive_all_night();
    EXPECT_EQ(exports(), 2u);
    ASSERT_TRUE(waits());
    EXPECT_THAT(waits()->reason, HasSubstr("'A'"));
    EXPECT_THAT(waits()->reason, HasSubstr("was deleted, as was the one before it"));
    for (std::size_t night = 2; night <= 4; ++night) {
        archive_all_night();
        EXPECT_EQ(exports(), night + 1);
        EXPECT_TRUE(waits());
    }
}

TEST_F(ScheduleDeletions, ARestartForgetsNeitherDeletion) {
    archive_all_night();
    fixture.run_until_clock(17h);
    fixture.time.run_for(1min);
    ASSERT_EQ(exports(), 3u);
    delete_all();
    restart();
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 3u);
    EXPECT_TRUE(waits());
}

TEST_F(ScheduleDeletions, AWindowThatNeverClosesHasNoMoreExportsThanIntervalsAndOne) {
    fixture.settings.settings.timing = {{17h, 17h}, {0, 4h}};
    fixture.scheduler->configured();
    for (int minute = 0; minute < 24 * 60; ++minute) {
        fixture.time.run_for(1min);
        delete_all();
    }
    EXPECT_GE(exports(), 6u);
    EXPECT_LE(exports(), 8u) << "24 hours of 4 each";
}

TEST_F(ScheduleDeletions, ACopyThatStaysEndsTheCondition) {
    archive_all_night();
    ASSERT_TRUE(waits());
    fixture.run_until_clock(17h + 5min);
    EXPECT_EQ(exports(), 3u);
    EXPECT_FALSE(waits());
}

TEST_F(ScheduleDeletions, ADeletionAfterCopiesThatStayedIsAFirstOneAgain) {
    archive_all_night();
    for (int night = 0; night < 2; ++night) fixture.run_until_clock(18h);
    ASSERT_EQ(exports(), 4u);
    delete_all();
    fixture.time.run_for(10s);
    EXPECT_EQ(exports(), 5u);
    EXPECT_FALSE(waits());
}

TEST_F(ScheduleDeletions, AVmThatHasAnotherGoodCopyIsNotExportedForADeletion) {
    fixture.run_until_clock(18h);
    fixture.run_until_clock(18h);
    ASSERT_EQ(exports(), 2u);
    auto const newest = fixture.catalog.manifests.rbegin()->first;
    auto backup = fixture.get(fixture.catalog.find(newest)).value();
    auto& clean_up = fixture.scheduler->clean_up();
    ASSERT_TRUE(fixture.get(clean_up.remove_undoably(std::move(backup), "a person deleted it")));
    fixture.scheduler->folders_changed();
    fixture.scheduler->check_again();
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 2u);
    EXPECT_FALSE(waits());
}

TEST_F(ScheduleDeletions, WhatAFullJournalCouldNotNoteIsNotedWhenItCanBeWrittenAgain) {
    fixture.run_until_clock(18h);
    auto backup = fixture.get(fixture.catalog.find(fixture.catalog.manifests.begin()->first)).value();
    fixture.journal.full = true;
    ASSERT_TRUE(fixture.get(fixture.scheduler->clean_up().remove(std::move(backup), "a person deleted it", true)));
    EXPECT_FALSE(fixture.journal.facts.contains("deleted_successes"));
    fixture.journal.full = false;
    fixture.scheduler->check_again();
    fixture.time.run_for(1min);
    EXPECT_TRUE(fixture.journal.facts.contains("deleted_successes"));
}
