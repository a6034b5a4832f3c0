// What the clean-up and `prune` must not delete, because the share, the cluster or a verification has changed
// meanwhile.
#include "tests/simulation/clean_up_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <exception>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(CleanUp, NothingIsDeletedWhenLocalPathMayBeWrong) {
    auto const a = fixture.cluster.vms.front().uuid;
    fixture.catalog.mark = "this month's disk";
    for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("old", a, 60);
    fixture.cluster.length = 10min;
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    ASSERT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.catalog.mark = "last month's disk";
    fixture.run_until_clock(7h);
    ASSERT_FALSE(fixture.alerts.runs.empty());
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    EXPECT_THAT(fixture.alerts.runs.front().problems, testing::Contains(HasSubstr("clean-up: ")));
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(true));
    ASSERT_FALSE(pruned);
    EXPECT_EQ(pruned.error().code, Errc::refused);
    EXPECT_THAT(pruned.error().context, HasSubstr("LocalPath"));
    auto const retention = fixture.get(fixture.scheduler->clean_up().evaluate());
    ASSERT_TRUE(retention);
    for (auto const& verdict : retention->verdicts)
        EXPECT_TRUE(verdict.keep) << verdict.backup << ": a dry run says what prune does";
    fixture.catalog.mark = "this month's disk";
    EXPECT_THAT(fixture.get(fixture.scheduler->clean_up().prune(true))->deleted, ElementsAre("old"));
}

TEST_F(CleanUp, LeftoversAreKeptTooWhileLocalPathIsInDoubt) {
    fixture.cluster.task_error["A"] = "Disk read error";
    fixture.catalog.mark = "right";
    fixture.start();
    fixture.run_until_clock(7h);
    fixture.cluster.task_error.clear();
    fixture.run_until_clock(7h);
    fixture.cluster.length = 10min;
    fixture.run_until_clock(17h + 1min);
    ASSERT_THAT(fixture.catalog.discarded, IsEmpty());
    fixture.catalog.mark = "another";
    fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.discarded, IsEmpty());
    fixture.catalog.mark = "right";
    fixture.run_until_clock(7h);
    EXPECT_FALSE(fixture.catalog.discarded.empty());
}

TEST_F(CleanUp, AVmMissingFromOneAnswerKeepsItsLastCopy) {
    auto const a = fixture.cluster.vms.front().uuid;
    auto const file01 = add_vm("FILE01");
    fixture.cluster.vms.front().tags = {"Nightly"};
    fixture.settings.settings.tag = "Nightly";  // FILE01 no longer has it
    for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("last of FILE01", file01, 90);
    fixture.cluster.length = 10min;
    fixture.start();
    auto const both = fixture.cluster.vms;
    for (int night = 0; night < 20; ++night) {
        fixture.run_until_clock(17h + 1min);
        fixture.cluster.vms.pop_back();
        fixture.run_until_clock(17h + 12min);
        ASSERT_FALSE(fixture.scheduler->current_run()) << "the clean-up saw the list without it";
        fixture.cluster.vms = both;
        fixture.run_until_clock(7h);
    }
    EXPECT_THAT(fixture.catalog.removed, Not(testing::Contains("last of FILE01")));
}

TEST_F(CleanUp, AVmMissingForAWeekLosesItsOldCopiesAlsoAcrossARestart) {
    auto const gone = add_vm("GONE");
    fixture.cluster.vms.pop_back();
    add_copy("of GONE", gone, 90);
    fixture.start();
    for (int night = 0; night < 4; ++night) fixture.run_until_clock(7h);
    fixture.stop();
    fixture.start_engine();
    fixture.start();
    for (int night = 0; night < 3; ++night) fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    for (int night = 0; night < 2; ++night) fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.removed, ElementsAre("of GONE"));
}

TEST_F(CleanUp, AnIncompleteListMakesNoVmMissing) {
    auto const gone = add_vm("GONE");
    fixture.cluster.vms.pop_back();
    add_copy("of GONE", gone, 90);
    fixture.start();
    for (int night = 0; night < 6; ++night) fixture.run_until_clock(7h);
    fixture.cluster.list_is_complete = false;
    for (int night = 0; night < 6; ++night) fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    fixture.cluster.list_is_complete = true;
    fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.removed, ElementsAre("of GONE"));
}

TEST_F(CleanUp, DamageFoundDuringACleanUpStopsItForThatVm) {
    auto const [a, b] = two_vms_with_old_copies();
    add_copy("a older", a, 61);
    fixture.catalog.on_remove = [&](std::string const&) {
        fixture.catalog.manifests["b new 0"].damage = Damage{"reread", fixture.time.now(), "it is not what it was"};
        fixture.scheduler->folders_changed();
    };
    fixture.start();
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(true));
    ASSERT_TRUE(pruned) << pruned.error().context;
    EXPECT_THAT(pruned->deleted, ElementsAre("a old", "a older"));
    EXPECT_TRUE(fixture.catalog.folders.contains("b old"));
}

TEST_F(CleanUp, ADamagedBackupThatStopsDeletionsIsACondition) {
    two_vms_with_old_copies();
    fixture.catalog.manifests["b new 0"].damage = Damage{"reread", fixture.time.now(), "it is not what it was"};
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("a old"));
    EXPECT_TRUE(fixture.condition(ConditionKind::copy_damaged, "b new 0"));
    fixture.catalog.manifests["b new 0"].damage.reset();
    EXPECT_THAT(prune().deleted, ElementsAre("b old"));
    EXPECT_FALSE(fixture.condition(ConditionKind::copy_damaged, "b new 0"));
}

TEST_F(CleanUp, ABackupThatOnlyALaterEvaluationExpiresIsNotDeleted) {
    auto const a = fixture.cluster.vms.front().uuid;
    for (int i = 0; i < 6; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("old", a, 60);
    fixture.catalog.on_remove = [&](std::string const&) {
        add_copy("put there meanwhile", a, 50);
        fixture.scheduler->folders_changed();
    };
    fixture.start();
    EXPECT_THAT(fixture.get(fixture.scheduler->clean_up().prune(true))->deleted, ElementsAre("old"));
}

TEST_F(CleanUp, AnUnreadableManifestProtectsAllBackupsOfItsVm) {
    auto const [a, b] = two_vms_with_old_copies();
    Job made;
    made.backup = "b new 0";
    made.vm = b;
    made.phase = Phase::finished;
    made.outcome = Outcome::succeeded;
    made.finished = fixture.time.now() - 24h;
    ASSERT_TRUE(fixture.get(fixture.journal.add(made)));
    fixture.catalog.unreadable["b new 0"] = a;  // by a definition that was copied from another backup
    fixture.start();
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(true));
    EXPECT_THAT(pruned->deleted, ElementsAre("a old")) << "the job knows it better";
    fixture.catalog.unreadable["a new 0"] = a;
    add_copy("a old", a, 60);
    EXPECT_THAT(fixture.get(fixture.scheduler->clean_up().prune(true))->deleted, IsEmpty())
        << "no job is known, but a definition";
}

TEST_F(CleanUp, ADamagedFolderWithoutAVmPreventsAllDeletionsAndEachRunReportsIt) {
    auto const a = fixture.cluster.vms.front().uuid;
    for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("old", a, 60);
    add_copy("zeros", VmUuid{"whoever"}, 2);
    fixture.catalog.unreadable["zeros"] = VmUuid{};
    fixture.start();
    fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    ASSERT_FALSE(fixture.alerts.runs.empty());
    EXPECT_THAT(fixture.alerts.runs.front().problems, testing::Contains(HasSubstr("'zeros' is damaged")));
}

TEST_F(CleanUp, ADeletedBackupWithRemainsCountsAsDeletedAndIsReported) {
    fixture.undelete_for = 0ms;
    two_vms_with_old_copies();
    fixture.catalog.remains["a old"] = "'@eaDir' cannot be opened";
    fixture.start();
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(false)).value();
    EXPECT_THAT(pruned.deleted, ElementsAre("a old", "b old"));
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("'a old' is deleted, but not all of it: '@eaDir'")));
}

TEST_F(CleanUp, AFolderThatAPersonRenamedOrCopiedIsNotDeleted) {
    two_vms_with_old_copies();
    for (auto const* name : {"a old - Copy", "kept for the audit"}) {
        fixture.catalog.folders.insert(name);
        fixture.catalog.manifests[name] = fixture.catalog.manifests["a old"];
    }
    fixture.start();
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(false)).value();
    EXPECT_THAT(pruned.deleted, ElementsAre("a old", "b old"));
    EXPECT_TRUE(fixture.catalog.folders.contains("a old - Copy"));
    EXPECT_TRUE(fixture.catalog.folders.contains("kept for the audit"));
}

TEST_F(CleanUp, ABackupThatCannotBeMovedIsAProblemAndTheOthersAreDeleted) {
    two_vms_with_old_copies();
    fixture.catalog.on_read = [&](std::string const& name) {
        if (name == "a new 0") fixture.journal.full = true;
        if (name == "b new 0") fixture.journal.full = false;
    };
    fixture.start();
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("b old"));
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("deleting 'a old': ")));
    EXPECT_TRUE(fixture.catalog.folders.contains("a old"));
    EXPECT_FALSE(fixture.engine->leases().is_in_use("a old"));
}

TEST_F(CleanUp, AVmThatReturnsDuringALongCleanUpKeepsItsCopies) {
    auto const gone = add_vm("GONE");
    auto const returning = fixture.cluster.vms.back();
    fixture.cluster.vms.pop_back();
    add_copy("of GONE 1", gone, 90);
    add_copy("of GONE 2", gone, 91);
    fixture.settings.policy.max_age = config::CivilDuration{3650, 0s};
    fixture.cluster.length = 10min;
    fixture.start();
    for (int night = 0; night < 9; ++night) fixture.run_until_clock(7h);
    fixture.settings.policy.max_age = config::CivilDuration{30, 0s};
    auto& catalog = fixture.catalog;
    catalog.be_slow(fixture.time, 0ms);
    catalog.on_remove = [&](std::string const&) {
        fixture.cluster.vms.push_back(returning);
        catalog.looks_at_mark_take.push_back(11min);
    };
    std::optional<engine::Pruned> pruned;
    auto const done = [&pruned](std::exception_ptr failure, Result<engine::Pruned> outcome) {
        if (failure) std::rethrow_exception(failure);
        pruned = outcome.value();
    };
    asio::co_spawn(fixture.io, fixture.scheduler->clean_up().prune(true), done);
    fixture.time.run_for(20min);
    ASSERT_TRUE(pruned);
    EXPECT_THAT(pruned->deleted, ElementsAre("of GONE 1"));
    EXPECT_TRUE(catalog.folders.contains("of GONE 2")) << "it is the last copy of a VM that exists";
}

TEST_F(CleanUp, AnotherClusterDuringACleanUpEndsItForTheCopiesOfTheFirst) {
    two_vms_with_old_copies();
    for (auto& [name, manifest] : fixture.catalog.manifests) manifest.cluster_uuid = fixture.cluster.is.uuid;
    fixture.catalog.on_remove = [&](std::string const&) {
        fixture.cluster.is = {"22222222-2222-4222-8222-222222222222", "hc-2"};
        fixture.identity->configured();
    };
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("a old"));
    EXPECT_TRUE(fixture.catalog.folders.contains("b old"));
}
