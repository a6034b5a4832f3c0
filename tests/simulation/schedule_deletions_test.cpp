// What a person deletes is exported again soon, once: who deletes each copy does not have the VM exported without end.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
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
    void changed() {
        fixture.scheduler->folders_changed();
        fixture.scheduler->check_again();
    }
    /// The oldest first.
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (auto const& [name, manifest] : fixture.catalog.manifests) names.push_back(name);
        return names;
    }
    /// As `scale-backupctl delete --yes` does, or with `--now`.
    Result<ports::Removal> remove(std::string const& name, bool immediately = false) {
        auto backup = fixture.get(fixture.catalog.find(name)).value();
        auto& clean_up = fixture.scheduler->clean_up();
        auto removed = fixture.get(immediately ? clean_up.remove(std::move(backup), "a person deleted it", true)
                                               : clean_up.remove_undoably(std::move(backup), "a person deleted it"));
        changed();
        return removed;
    }
    void delete_all() {
        for (auto const& name : names())
            if (!fixture.engine->leases().is_in_use(name)) ASSERT_TRUE(remove(name));
    }
    void remove_by_hand(std::string const& name) {
        fixture.catalog.folders.erase(name);
        fixture.catalog.manifests.erase(name);
        changed();
    }
    /// As `scale-backupctl undelete` and `unprotect` do.
    void take_back(std::string const& name) {
        ASSERT_TRUE(fixture.get(fixture.trash->undelete(name)));
        fixture.catalog.manifests.at(name).is_protected = false;
        changed();
    }
    /// What the journal has noted of deletions.
    std::string notes() { return fixture.journal.facts["deleted_successes"]; }
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

// Whatever a script deletes each evening, in whatever order.
namespace {

struct Script {
    char const* name;
    bool newest_first = false;
    bool immediately = false;
    bool undeletes = false;  ///< and deletes again
    bool is_twice = false;   ///< and what was exported again, too
    bool restarts = false;
};

struct ScriptedDeletions : ScheduleDeletions, ::testing::WithParamInterface<Script> {
    void delete_copies() {
        auto copies = names();
        if (GetParam().newest_first) std::ranges::reverse(copies);
        for (auto const& name : copies) {
            if (fixture.engine->leases().is_in_use(name)) continue;
            ASSERT_TRUE(remove(name, GetParam().immediately));
            if (!GetParam().undeletes) continue;
            fixture.time.run_for(10s);
            take_back(name);
            fixture.time.run_for(10s);
            ASSERT_TRUE(remove(name));
        }
    }
};

std::string script_name(::testing::TestParamInfo<Script> const& info) { return info.param.name; }

}  // namespace

TEST_P(ScriptedDeletions, CostOneMoreExportAtTheirBeginningAndNoneLater) {
    for (std::size_t night = 1; night <= 4; ++night) {
        fixture.run_until_clock(18h);
        delete_copies();
        if (GetParam().restarts) restart();
        if (GetParam().is_twice) {
            fixture.time.run_for(1min);
            delete_copies();
        }
        fixture.run_until_clock(5h);
        EXPECT_EQ(exports(), night + 1);
        EXPECT_EQ(waits().has_value(), night > 1 || GetParam().is_twice) << "night " << night;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, ScriptedDeletions,
    ::testing::Values(Script{"OldestFirst"}, Script{"NewestFirst", true}, Script{"OldestFirstForGood", false, true},
                      Script{"NewestFirstForGood", true, true}, Script{"OldestFirstUndeleted", false, false, true},
                      Script{"NewestFirstUndeleted", true, false, true}, Script{"Twice", false, false, false, true},
                      Script{"Restarted", false, false, false, false, true},
                      Script{"ForGoodAndRestarted", false, true, false, false, true}),
    script_name);

TEST_F(ScheduleDeletions, WhoDeletesTheNewestThroughTheShareAndTheOthersByOrderGetsNoMoreExport) {
    fixture.run_until_clock(18h);
    for (std::size_t night = 2; night <= 4; ++night) {
        fixture.run_until_clock(18h);
        remove_by_hand(names().back());
        delete_all();
        fixture.run_until_clock(5h);
        EXPECT_EQ(exports(), night);
        EXPECT_TRUE(waits());
    }
}

TEST_F(ScheduleDeletions, UndeletingACopyWhoseVmWasExportedMeanwhileEarnsNoFurtherExport) {
    fixture.run_until_clock(18h);
    auto const first = names().front();
    ASSERT_TRUE(remove(first));
    fixture.time.run_for(30min);
    ASSERT_EQ(exports(), 2u);
    for (int i = 0; i < 3; ++i) {
        take_back(first);
        fixture.time.run_for(1min);
        delete_all();
        fixture.time.run_for(30min);
        EXPECT_EQ(exports(), 2u);
    }
    EXPECT_TRUE(waits());
}

// A note means nothing while its backup stands.
TEST_F(ScheduleDeletions, ADeletionThatWasRefusedOrFailedIsNotNoted) {
    fixture.run_until_clock(18h);
    auto const name = names().front();
    fixture.catalog.manifests.at(name).is_protected = true;
    for (bool const immediately : {false, true}) {
        EXPECT_FALSE(remove(name, immediately));
        EXPECT_EQ(notes(), "");
    }
    fixture.catalog.manifests.at(name).is_protected = false;
    fixture.catalog.trashing_fails = Error{Errc::io, "Input/output error"};
    EXPECT_FALSE(remove(name));
    EXPECT_EQ(notes(), "");
    remove_by_hand(name);
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 1u) << "it was moved away";
    EXPECT_TRUE(waits());
}

TEST_F(ScheduleDeletions, ANoteWhoseDeletionACrashPreventedIsDroppedBecauseTheBackupStands) {
    fixture.run_until_clock(18h);
    auto const name = names().front();
    auto const job = fixture.journal.jobs.rbegin()->second;
    fixture.stop();
    auto const moment = std::to_string(job.posted.value_or(job.queued).time_since_epoch().count());
    fixture.journal.facts["deleted_successes"] = moment + " " + moment + " " + vm().text() + "\n";
    fixture.start_engine();
    fixture.start();
    fixture.time.run_for(1min);
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    EXPECT_EQ(notes(), "");
    remove_by_hand(name);
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 1u);
    EXPECT_TRUE(waits());
}

TEST_F(ScheduleDeletions, ADeletionWhoseNoteACrashPreventedIsKnownByItsPlaceInTheTrash) {
    fixture.run_until_clock(18h);
    ASSERT_TRUE(remove(names().front()));
    fixture.stop();
    fixture.journal.facts.erase("deleted_successes");
    fixture.start_engine();
    fixture.start();
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 2u);
    EXPECT_FALSE(waits());
}

TEST_F(ScheduleDeletions, AnUndeleteTakesTheNoteBack) {
    fixture.run_until_clock(18h);
    fixture.run_until_clock(7h);  // the window is closed
    auto const first = names().front();
    ASSERT_TRUE(remove(first));
    EXPECT_NE(notes(), "");
    fixture.time.run_for(10s);
    take_back(first);
    fixture.run_until_clock(18h);
    ASSERT_EQ(exports(), 2u);
    EXPECT_EQ(notes(), "");
    delete_all();
    fixture.time.run_for(10s);
    EXPECT_EQ(exports(), 3u) << "the first deletion of this VM";
    EXPECT_FALSE(waits());
}

TEST_F(ScheduleDeletions, ABackupThatComesBackUnderAnotherNameIsNotDeleted) {
    fixture.run_until_clock(18h);
    fixture.run_until_clock(7h);
    auto const name = names().front();
    auto const manifest = fixture.catalog.manifests.at(name);
    ASSERT_TRUE(remove(name, true));
    EXPECT_NE(notes(), "");
    fixture.time.run_for(10s);
    fixture.catalog.folders.insert("brought back");
    fixture.catalog.manifests["brought back"] = manifest;
    changed();
    fixture.run_until_clock(18h);
    EXPECT_EQ(notes(), "");
}

TEST_F(ScheduleDeletions, ALookDuringADeletionOrAtAnEarlierListingDoesNotTakeTheNoteBack) {
    engine::MovedBackups::Dependencies const dependencies{.catalog = fixture.shown,
                                                          .journal = fixture.journal,
                                                          .time = fixture.time,
                                                          .hooks = fixture.hooks,
                                                          .trash = *fixture.trash,
                                                          .conditions = *fixture.conditions};
    engine::MovedBackups moved(dependencies);
    auto const started = fixture.time.now() - 1h;
    std::map<VmUuid, std::vector<Success>> successes;
    successes[vm()] = {{"newest", "A", started, ExportEnd::seen}};
    Stored stands;
    stands.name = "newest";
    stands.vm = vm();
    stands.started = started;
    auto const is_noted = [&] { return moved.deleted_by_us({{vm(), "A", "newest", started, false}}).contains(vm()); };
    auto const listed = fixture.time.steady_now();
    auto const note = [&](auto call) {
        return [](task<void> done) -> task<Result<void>> {
            co_await std::move(done);
            co_return boost::system::in_place_value;
        }(std::move(call));
    };
    ASSERT_TRUE(fixture.get(note(moved.note_deletion(vm(), started, {vm()}))));
    moved.compare(successes, {stands}, listed + 1h, {});
    EXPECT_TRUE(is_noted()) << "it is being deleted";
    ASSERT_TRUE(fixture.get(note(moved.end_deletion(vm(), started, true))));
    moved.compare(successes, {stands}, listed, {});
    EXPECT_TRUE(is_noted()) << "that listing is older";
    moved.compare(successes, {stands}, listed + 1h, {vm()});
    EXPECT_TRUE(is_noted()) << "the export that it caused runs";
    moved.compare(successes, {stands}, listed + 1h, {});
    EXPECT_FALSE(is_noted());
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
