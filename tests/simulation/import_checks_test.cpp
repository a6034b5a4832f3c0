// A read of LocalPath that hangs holds up only the restore that waits for it.
#include "common/text/shell_word.hpp"
#include "tests/simulation/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// Backups of FILE01 whose checks before an import return when the test lets them.
struct HangingChecks : ::testing::Test {
    EngineFixture fixture{2};
    std::set<std::string> hanging;
    std::map<std::string, int> begun, running, most_running;  ///< checks, by backup
    Result<void> late_result = boost::system::in_place_value;

    HangingChecks() {
        for (auto const* vm : {"FILE01", "FILE02", "FILE03"}) fixture.cluster.add_vm(vm);
        for (auto const* name : {"bad", "worse", "good", "third", "fourth", "fifth"}) fixture.backup("FILE01", name);
        fixture.time.run_for(1h);
        fixture.check_unchanged = [this](std::string backup) { return check(std::move(backup)); };
    }
    ~HangingChecks() override { fixture.stop_engine(); }

    task<Result<void>> check(std::string backup) {
        ++begun[backup];
        most_running[backup] = std::max(most_running[backup], ++running[backup]);
        bool const hung = hanging.contains(backup);
        while (hanging.contains(backup)) {
            auto const next = fixture.time.steady_now() + 500ms;
            co_await fixture.time.sleep_until(next);
        }
        --running[backup];
        if (hung) co_return late_result;
        co_return boost::system::in_place_value;
    }
    JobId restore(std::string const& backup, std::string const& vm) {
        auto const job = fixture.get(fixture.engine->submit_restore(backup, vm));
        EXPECT_TRUE(job) << (job ? "" : job.error().context);
        return job ? job->id : 0;
    }
    /// By exports of which one ends earlier.
    void take_both_slots() {
        fixture.cluster.lengths["FILE02"] = 10min;
        fixture.cluster.lengths["FILE03"] = 1h;
        fixture.backup("FILE02", "shorter");
        fixture.backup("FILE03", "longer");
        fixture.time.run_for(5s);
    }
    Job job(JobId id) { return fixture.job(id); }
    bool is_restored(std::string const& vm) {
        return std::ranges::any_of(fixture.cluster.runs,
                                   [&](auto const& run) { return run.import && run.vm_name == vm; });
    }
};

}  // namespace

TEST(ImportChecks, ARefusalNamesTheCompleteCommands) {
    using engine::with_commands;
    using ::testing::HasSubstr;
    auto const text = [](Errc code, std::string const& backup, std::string const& vm) {
        return with_commands({code, "it was changed"}, backup, vm).context;
    };
    auto const changed = text(Errc::refused, "FILE01 before", "it's new");
    EXPECT_THAT(changed, HasSubstr("it was changed. To read everything before it is imported: scale-backupctl restore "
                                   "--verify " +
                                   shell_word("FILE01 before") + " " + shell_word("it's new") + "."));
    EXPECT_THAT(changed, HasSubstr("scale-backupctl restore --force 'FILE01 before' "));
    EXPECT_THAT(text(Errc::refused, "-b", "x"), HasSubstr("restore --verify -- -b x"));
    auto const damaged = text(Errc::damaged_backup, "nightly", "NEW");
    EXPECT_EQ(damaged, "it was changed. To restore it as it is: scale-backupctl restore --force nightly NEW");
    EXPECT_EQ(text(Errc::io, "nightly", "NEW"), "it was changed") << "it has to be repaired first";
}

TEST_F(HangingChecks, HoldUpNeitherABackupNorAnotherRestore) {
    hanging = {"bad", "worse"};
    auto const first = restore("bad", "R1");
    auto const second = restore("worse", "R2");
    auto const backup = fixture.backup("FILE01", "by hand");
    auto const healthy = restore("good", "R3");
    fixture.time.run_for(20s);
    EXPECT_EQ(job(backup).phase, Phase::queued) << "a check that takes some seconds keeps its slot";
    fixture.time.run_for(1h);
    EXPECT_EQ(job(backup).outcome, Outcome::succeeded);
    EXPECT_EQ(job(healthy).outcome, Outcome::succeeded);
    EXPECT_EQ(job(first).phase, Phase::preparing);
    EXPECT_TRUE(fixture.engine->has_left_slot(first));
    EXPECT_FALSE(is_restored("R1"));

    hanging.clear();
    fixture.time.run_for(1h);
    EXPECT_EQ(job(first).outcome, Outcome::succeeded) << "nothing fails because LocalPath was slow";
    EXPECT_EQ(job(second).outcome, Outcome::succeeded);
}

TEST_F(HangingChecks, ACancelledRestoreEndsWithoutItsCheckWhoseLateResultCountsForNothing) {
    hanging = {"bad"};
    auto const id = restore("bad", "R1");
    fixture.time.run_for(5s);
    auto const cancelled = fixture.get(fixture.engine->cancel(id));
    ASSERT_TRUE(cancelled) << cancelled.error().context;
    EXPECT_THAT(cancelled->note, testing::HasSubstr("nothing was sent"));
    fixture.time.run_for(2s);
    EXPECT_EQ(job(id).outcome, Outcome::cancelled);
    EXPECT_FALSE(job(id).error);
    auto const one = fixture.backup("FILE01", "one");
    auto const two = fixture.backup("FILE02", "two");
    fixture.time.run_for(2s);
    EXPECT_NE(job(one).phase, Phase::queued) << "both slots are free";
    EXPECT_NE(job(two).phase, Phase::queued);
    fixture.time.run_for(1h);
    EXPECT_EQ(job(two).outcome, Outcome::succeeded);

    late_result = Error{Errc::damaged_backup, "an image has another size"};
    hanging.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(job(id).outcome, Outcome::cancelled);
    EXPECT_FALSE(is_restored("R1"));
}

TEST_F(HangingChecks, ARestoreThatHasLeftItsSlotTakesTheNextOneAndOnlyThenImports) {
    hanging = {"bad"};
    auto const id = restore("bad", "R1");
    fixture.time.run_for(1min);
    ASSERT_TRUE(fixture.engine->has_left_slot(id));
    take_both_slots();
    auto const waits = fixture.backup("FILE01", "three");
    hanging.clear();
    fixture.time.run_for(1min);
    EXPECT_FALSE(is_restored("R1")) << "both slots are taken";
    EXPECT_EQ(job(id).phase, Phase::preparing);
    ASSERT_TRUE(fixture.time.run_until_done([&] { return is_restored("R1"); }, 10h));
    EXPECT_EQ(job(waits).phase, Phase::queued);
    fixture.time.run_for(10h);
    EXPECT_EQ(job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(job(waits).outcome, Outcome::succeeded);
}

TEST_F(HangingChecks, ACancelledRestoreThatWaitsForASlotAgainEnds) {
    hanging = {"bad"};
    auto const id = restore("bad", "R1");
    fixture.time.run_for(1min);
    take_both_slots();
    hanging.clear();
    fixture.time.run_for(5s);
    ASSERT_EQ(job(id).phase, Phase::preparing);
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(id)));
    fixture.time.run_for(2s);
    EXPECT_EQ(job(id).outcome, Outcome::cancelled);
    EXPECT_FALSE(is_restored("R1"));
}

TEST_F(HangingChecks, DoNotPileUpWhenARestoreIsCancelledAndOrderedAgain) {
    hanging = {"bad"};
    for (int i = 0; i < 5; ++i) {
        auto const id = restore("bad", "R1");
        fixture.time.run_for(40s);
        ASSERT_TRUE(fixture.get(fixture.engine->cancel(id)));
        fixture.time.run_for(2s);
    }
    EXPECT_EQ(begun["bad"], 1);
    auto const last = restore("bad", "R1");
    fixture.time.run_for(40s);
    late_result = Error{Errc::damaged_backup, "an image had another size"};
    hanging.clear();
    fixture.time.run_for(1h);
    EXPECT_EQ(begun["bad"], 2) << "what an earlier check found may be old";
    EXPECT_EQ(most_running["bad"], 1);
    EXPECT_EQ(job(last).outcome, Outcome::succeeded);
}

TEST_F(HangingChecks, AreLimitedInNumberAndOneMoreWaitsWithoutASlot) {
    hanging = {"bad", "worse", "third", "fourth", "fifth"};
    for (auto const& name : hanging) {
        restore(name, "of " + name);
        fixture.time.run_for(1min);
    }
    int all = 0;
    for (auto const& [name, count] : running) all += count;
    EXPECT_EQ(all, 4);
    auto const backup = fixture.backup("FILE01", "by hand");
    fixture.time.run_for(1h);
    EXPECT_EQ(job(backup).outcome, Outcome::succeeded);
    hanging.clear();
    fixture.time.run_for(2h);
    for (auto const* name : {"bad", "worse", "third", "fourth", "fifth"})
        EXPECT_TRUE(is_restored("of " + std::string(name)));
}

TEST_F(HangingChecks, DoNotKeepTheDaemonFromStopping) {
    hanging = {"bad"};
    auto const id = restore("bad", "R1");
    fixture.time.run_for(1min);
    fixture.stop_engine();
    EXPECT_EQ(fixture.journal.jobs[id].phase, Phase::preparing) << "it starts over at the next start";
    hanging.clear();
    fixture.start_engine(2);
    fixture.time.run_for(1h);
    EXPECT_EQ(job(id).outcome, Outcome::succeeded);
}
