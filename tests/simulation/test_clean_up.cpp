// What the clean-up and `prune` must not delete: the share, the cluster or a verification may say otherwise by then.
#include "daemon/core/verification.hpp"
#include "tests/simulation/schedule_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

struct CleanUp : ::testing::Test {
    ScheduleBench bench;

    CleanUp() {
        bench.settings.policy.max_age = config::CivilDuration{30, 0s};
        add_vm("A");
    }
    VmUuid add_vm(std::string const& name) {
        bench.cluster.add_vm(name);
        return bench.cluster.vms.back().uuid;
    }
    void add_copy(std::string const& name, VmUuid const& vm, int days_old) {
        Manifest manifest;
        manifest.backup = name;
        manifest.vm_uuid = vm;
        manifest.vm_name = "VM of " + name;
        manifest.scheduled = true;
        manifest.started = manifest.completed = bench.time.now() - 24h * days_old;
        manifest.verified = with_proof({}, Level::structure, manifest.completed);
        bench.catalog.folders.insert(name);
        bench.catalog.manifests[name] = manifest;
    }
    /// The second is "B". Each has four new copies, "a new 0" being the newest, and an old one to be deleted, "a old".
    std::pair<VmUuid, VmUuid> two_vms_with_old_copies() {
        auto const a = bench.cluster.vms.front().uuid;
        auto const b = add_vm("B");
        for (int i = 0; i < 4; ++i) {
            add_copy("a new " + std::to_string(i), a, i + 1);
            add_copy("b new " + std::to_string(i), b, i + 1);
        }
        add_copy("a old", a, 60);
        add_copy("b old", b, 60);
        return {a, b};
    }
};

}  // namespace

TEST_F(CleanUp, NothingIsDeletedInAPlaceThatIsNotTheRightOne) {
    auto const a = bench.cluster.vms.front().uuid;
    bench.catalog.mark = "this month's disk";
    for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("old", a, 60);
    bench.cluster.length = 10min;
    bench.start();
    bench.run_until_clock(17h + 1min);
    ASSERT_EQ(bench.cluster.runs.size(), 1u);
    bench.catalog.mark = "last month's disk";
    bench.run_until_clock(7h);
    ASSERT_FALSE(bench.alerts.runs.empty());
    EXPECT_THAT(bench.catalog.removed, IsEmpty());
    EXPECT_THAT(bench.alerts.runs.front().problems, testing::Contains(HasSubstr("clean-up: ")));
    auto const pruned = bench.get(bench.scheduler->prune(true));
    ASSERT_FALSE(pruned);
    EXPECT_EQ(pruned.error().code, Errc::refused);
    EXPECT_THAT(pruned.error().context, HasSubstr("LocalPath"));
    auto const judged = bench.get(bench.scheduler->judge());
    ASSERT_TRUE(judged);
    for (auto const& verdict : judged->verdicts) EXPECT_TRUE(verdict.keep) << verdict.backup << ": a dry run says what prune does";
    bench.catalog.mark = "this month's disk";
    EXPECT_THAT(bench.get(bench.scheduler->prune(true))->deleted, ElementsAre("old"));
}

TEST_F(CleanUp, WhatAFailedExportLeftStaysAsWellWhileThePlaceIsInDoubt) {
    bench.cluster.task_error["A"] = "Disk read error";
    bench.catalog.mark = "right";
    bench.start();
    bench.run_until_clock(7h);
    bench.cluster.task_error.clear();
    bench.run_until_clock(7h);
    bench.cluster.length = 10min;
    bench.run_until_clock(17h + 1min);
    ASSERT_THAT(bench.catalog.discarded, IsEmpty());
    bench.catalog.mark = "another";
    bench.run_until_clock(7h);
    EXPECT_THAT(bench.catalog.discarded, IsEmpty());
    bench.catalog.mark = "right";
    bench.run_until_clock(7h);
    EXPECT_FALSE(bench.catalog.discarded.empty());
}

TEST_F(CleanUp, AVmThatOneAnswerOfTheClusterLacksKeepsItsLastCopy) {
    auto const a = bench.cluster.vms.front().uuid;
    auto const file01 = add_vm("FILE01");
    bench.cluster.vms.front().tags = {"Nightly"};
    bench.settings.settings.tag = "Nightly";  // FILE01 lost it
    for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("last of FILE01", file01, 90);
    bench.cluster.length = 10min;
    bench.start();
    auto const both = bench.cluster.vms;
    for (int night = 0; night < 20; ++night) {
        bench.run_until_clock(17h + 1min);
        bench.cluster.vms.pop_back();
        bench.run_until_clock(17h + 12min);
        ASSERT_FALSE(bench.scheduler->current_run()) << "the clean-up saw the list without it";
        bench.cluster.vms = both;
        bench.run_until_clock(7h);
    }
    EXPECT_THAT(bench.catalog.removed, Not(testing::Contains("last of FILE01")));
}

TEST_F(CleanUp, AVmThatIsGoneForAWeekLosesItsOldCopiesOverARestartToo) {
    auto const gone = add_vm("GONE");
    bench.cluster.vms.pop_back();
    add_copy("of GONE", gone, 90);
    bench.start();
    for (int night = 0; night < 4; ++night) bench.run_until_clock(7h);
    bench.stop();
    bench.start_engine();
    bench.start();
    for (int night = 0; night < 3; ++night) bench.run_until_clock(7h);
    EXPECT_THAT(bench.catalog.removed, IsEmpty());
    for (int night = 0; night < 2; ++night) bench.run_until_clock(7h);
    EXPECT_THAT(bench.catalog.removed, ElementsAre("of GONE"));
}

TEST_F(CleanUp, AListThatLeavesSomethingOutTellsOfNobodyThatHeIsGone) {
    auto const gone = add_vm("GONE");
    bench.cluster.vms.pop_back();
    add_copy("of GONE", gone, 90);
    bench.start();
    for (int night = 0; night < 6; ++night) bench.run_until_clock(7h);
    bench.cluster.list_is_complete = false;
    for (int night = 0; night < 6; ++night) bench.run_until_clock(7h);
    EXPECT_THAT(bench.catalog.removed, IsEmpty());
    bench.cluster.list_is_complete = true;
    bench.run_until_clock(7h);
    EXPECT_THAT(bench.catalog.removed, ElementsAre("of GONE"));
}

TEST_F(CleanUp, DamageThatIsFoundWhileItDeletesStopsItForThatVm) {
    auto const [a, b] = two_vms_with_old_copies();
    add_copy("a older", a, 61);
    bench.catalog.on_remove = [&](std::string const&) {
        bench.catalog.manifests["b new 0"].damage = Damage{"reread", bench.time.now(), "it is not what it was"};
        bench.scheduler->folders_changed();
    };
    bench.start();
    auto const pruned = bench.get(bench.scheduler->prune(true));
    ASSERT_TRUE(pruned) << pruned.error().context;
    EXPECT_THAT(pruned->deleted, ElementsAre("a old", "a older"));
    EXPECT_TRUE(bench.catalog.folders.contains("b old"));
}

TEST_F(CleanUp, WhatALaterLookGivesUpIsNotDeletedOnThatAlone) {
    auto const a = bench.cluster.vms.front().uuid;
    for (int i = 0; i < 6; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("old", a, 60);
    bench.catalog.on_remove = [&](std::string const&) {
        add_copy("put there meanwhile", a, 50);
        bench.scheduler->folders_changed();
    };
    bench.start();
    EXPECT_THAT(bench.get(bench.scheduler->prune(true))->deleted, ElementsAre("old"));
}

TEST_F(CleanUp, AManifestThatCannotBeReadFreezesTheVmWhoseFolderItIs) {
    auto const [a, b] = two_vms_with_old_copies();
    Job made;
    made.backup = "b new 0";
    made.vm = b;
    made.phase = Phase::finished;
    made.outcome = Outcome::succeeded;
    made.finished = bench.time.now() - 24h;
    ASSERT_TRUE(bench.get(bench.journal.add(made)));
    bench.catalog.unreadable["b new 0"] = a;  // by a definition that was put there from elsewhere
    bench.start();
    auto const pruned = bench.get(bench.scheduler->prune(true));
    EXPECT_THAT(pruned->deleted, ElementsAre("a old")) << "the job knows it better";
    bench.catalog.unreadable["a new 0"] = a;
    add_copy("a old", a, 60);
    EXPECT_THAT(bench.get(bench.scheduler->prune(true))->deleted, IsEmpty()) << "no job is known, but a definition";
}

TEST_F(CleanUp, WhileADamagedFolderIsNobodysNothingIsDeletedAndEachRunSaysSo) {
    auto const a = bench.cluster.vms.front().uuid;
    for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), a, i + 1);
    add_copy("old", a, 60);
    add_copy("zeros", VmUuid{"whoever"}, 2);
    bench.catalog.unreadable["zeros"] = VmUuid{};
    bench.start();
    bench.run_until_clock(7h);
    EXPECT_THAT(bench.catalog.removed, IsEmpty());
    ASSERT_FALSE(bench.alerts.runs.empty());
    EXPECT_THAT(bench.alerts.runs.front().problems, testing::Contains(HasSubstr("'zeros' is damaged")));
}
