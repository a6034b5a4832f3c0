// Two installations for one cluster that start in the same moment, on a share that is slow for one of them or for both.
#include "daemon/core/storage_mark.hpp"
#include "daemon/engine/owner_watch.hpp"
#include "tests/simulation/fake_cluster.hpp"
#include "tests/simulation/fake_store.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using namespace std::chrono_literals;

namespace {

/// One of them, with what it does not share with the other.
struct Installation {
    asio::io_context& io;
    FakeCluster cluster;
    FakeJournal journal;
    engine::ConditionRegistry conditions;
    engine::ClusterIdentityWatch identity;
    engine::OwnerWatch owner;
    std::optional<engine::OwnerObjection> answer;  ///< the last one

    Installation(asio::io_context& loop, ManualTime& time, FakeCatalog& share, std::string const& name)
        : io(loop),
          cluster(time),
          conditions(loop.get_executor(), journal, time),
          identity({cluster, journal, time, conditions, [] {}}),
          owner({identity, share, journal, time, conditions, name, "/var/lib", [name] { return name; }}) {
        journal.facts[storage_mark_fact] = share.mark;
    }
    task<void> load() {
        co_await conditions.load();
        co_await identity.load();
        co_await identity.check(Milliseconds::zero());
    }
    task<void> ask() {
        answer.reset();
        answer = co_await owner.objection();
    }
    /// Starts a call and lets it run.
    void spawn(task<void> call) {
        auto const rethrow = [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        };
        asio::co_spawn(io, std::move(call), rethrow);
    }
    bool may_restore() const { return answer && answer->to_restores.empty(); }
    bool may_order() const { return answer && answer->to_orders.empty(); }
    bool may_delete() const { return answer && answer->to_deleting.empty(); }
};

struct Race {
    asio::io_context io{1};
    ManualTime time{io};
    FakeCatalog share;
    std::unique_ptr<Installation> x, z;

    explicit Race(std::optional<Error> z_is_refused = {}) {
        share.be_slow(time, 0ms);
        share.mark = "the mark";
        x = std::make_unique<Installation>(io, time, share, "x-machine");
        z = std::make_unique<Installation>(io, time, share, "z-machine");
        z->cluster.refuse_identity = std::move(z_is_refused);
        for (auto* each : {x.get(), z.get()}) each->spawn(each->load());
        time.run_for(0ms);
    }
    ~Race() { time.run_for(1h); }
    void start_with(Milliseconds between) {
        x->spawn(x->ask());
        time.run_for(between);
        z->spawn(z->ask());
        time.run_for(0ms);
    }
    /// Both ask again and again, as before each order and deletion; often while files are being written. Whether both
    /// may act at any moment.
    bool do_both_act_within(Milliseconds length) {
        Milliseconds step{0};
        for (Milliseconds passed{0}; passed < length; passed += step) {
            step = passed < 6s ? 50ms : 500ms;
            time.run_for(step);
            for (auto* each : {x.get(), z.get()})
                if (each->answer) each->spawn(each->ask());
            time.run_for(0ms);
            bool const do_both = x->may_order() && z->may_order();
            if (do_both || (x->may_delete() && z->may_delete())) return true;
        }
        return false;
    }
};

std::string const cluster_file = "11111111-1111-4111-8111-111111111111";

}  // namespace

TEST(SecondInstallationRace, TwoThatStartInTheSameMomentNeverBothOrderOrDelete) {
    std::set<std::string> const x_only{"x-machine"}, z_only{"z-machine"}, both{"x-machine", "z-machine"};
    for (auto const& early : {std::set<std::string>(), x_only, z_only, both})
        for (auto const x_takes : {0ms, 150ms, 210ms, 900ms, 5000ms})
            for (auto const z_takes : {0ms, 150ms, 210ms, 900ms, 5000ms})
                for (auto const between : {0ms, 1ms, 195ms, 399ms, 401ms, 900ms}) {
                    Race race;
                    race.share.owner_write_takes = {{"x-machine", x_takes}, {"z-machine", z_takes}};
                    race.share.owner_write_shows_early = early;
                    race.start_with(between);
                    auto const how = "x writes for " + std::to_string(x_takes.count()) + " ms, z for " +
                                     std::to_string(z_takes.count()) + " ms, " + std::to_string(between.count()) +
                                     " ms later; early: " + (early.contains("x-machine") ? "x" : "") +
                                     (early.contains("z-machine") ? "z" : "");
                    ASSERT_FALSE(race.do_both_act_within(90s)) << how;
                    ASSERT_TRUE(race.x->answer && race.z->answer) << how << ": it waits without an end";
                    EXPECT_TRUE(race.x->may_order() || race.z->may_order()) << how << ": one of them works";
                }
}

TEST(SecondInstallationRace, OneWhoseFileIsReplacedActsNoMoreFromThatMoment) {
    Race race;
    race.x->spawn(race.x->ask());
    race.time.run_for(10min);
    race.x->spawn(race.x->ask());
    race.time.run_for(1s);
    ASSERT_TRUE(race.x->may_delete());
    race.share.owners[cluster_file] = owner_text({"z-machine", "z-machine", "/var/lib", race.time.now()});
    race.x->spawn(race.x->ask());
    race.time.run_for(0ms);
    EXPECT_FALSE(race.x->may_delete());
    EXPECT_FALSE(race.x->may_order());
}

TEST(SecondInstallationRace, OneWhoseWriteFailsDoesNotBeginBesideTheOther) {
    for (auto const z_takes : {0ms, 900ms}) {
        Race race;
        race.share.owner_write_takes["z-machine"] = z_takes;
        race.share.owner_write_fails.emplace("z-machine", Error{Errc::io, "No such file or directory"});
        race.start_with(0ms);
        EXPECT_FALSE(race.do_both_act_within(60s));
        EXPECT_TRUE(race.x->may_delete());
        EXPECT_FALSE(race.z->may_order());
        EXPECT_FALSE(race.z->may_restore());
    }
}

TEST(SecondInstallationRace, OneThatCannotShowThatItIsThereOnlyRestores) {
    Race race;
    race.share.owner_write_fails.emplace("z-machine", Error{Errc::io, "Read-only file system"});
    race.z->spawn(race.z->ask());
    race.time.run_for(1s);
    ASSERT_TRUE(race.z->answer);
    EXPECT_TRUE(race.z->may_restore());
    EXPECT_FALSE(race.z->may_order());
    EXPECT_NE(race.z->answer->to_deleting.find("Read-only file system"), std::string::npos);
    race.share.owner_write_fails.clear();
    race.time.run_for(31s);
    race.z->spawn(race.z->ask());
    race.time.run_for(1s);
    EXPECT_TRUE(race.z->may_delete());
}

TEST(SecondInstallationRace, AFullDiskIsFreedByTheOneThatTheFileNames) {
    for (bool const has_stopped : {false, true}) {
        Race race;
        race.share.owners[cluster_file] =
            owner_text({"x-machine", "x-machine", "/var/lib", race.time.now(), has_stopped});
        race.share.owner_write_fails.emplace("machine", Error{Errc::no_space, "No space left on device"});
        race.start_with(0ms);
        EXPECT_FALSE(race.do_both_act_within(60s));
        EXPECT_TRUE(race.x->may_delete());
        EXPECT_FALSE(race.z->may_delete());
    }
}

TEST(SecondInstallationRace, AFileThatSaysStoppedIsFreeForOneOfThemOnly) {
    Race race;
    LocalPathOwner const stopped{"third", "third-machine", "/var/lib", race.time.now(), true};
    race.share.owners[cluster_file] = owner_text(stopped);
    race.start_with(0ms);
    EXPECT_FALSE(race.do_both_act_within(60s));
    EXPECT_NE(race.x->may_delete(), race.z->may_delete());
}

TEST(SecondInstallationRace, OneThatStartsAloneWaitsLessThanASecond) {
    Race race;
    race.x->spawn(race.x->ask());
    race.time.run_for(999ms);
    EXPECT_TRUE(race.x->may_order() && race.x->may_delete());
}

TEST(SecondInstallationRace, OnAnotherMachinesDiskItWaitsUntilThatMachinesCachesAreRenewed) {
    Race race;
    race.share.boot.clear();
    race.x->spawn(race.x->ask());
    race.time.run_for(4s);
    EXPECT_FALSE(race.x->answer);
    race.time.run_for(2s);
    EXPECT_TRUE(race.x->may_order());
}

TEST(SecondInstallationRace, OneThatWritesLateBeginsOnlyAfterTheOtherHasGivenWay) {
    Race race;
    race.share.owner_write_takes = {{"x-machine", 50ms}, {"z-machine", 5s}};
    race.start_with(0ms);  // x has begun long before z's write ends, which replaces x's file
    EXPECT_FALSE(race.do_both_act_within(2min));
    EXPECT_TRUE(race.z->may_order());
}

TEST(SecondInstallationRace, ASlowShareOnlyMakesOneThatIsAloneWaitLonger) {
    Race race;
    race.share.owner_write_takes["x-machine"] = 8s;
    race.x->spawn(race.x->ask());
    race.time.run_for(20s);
    EXPECT_FALSE(race.x->answer);
    race.time.run_for(30s);
    EXPECT_TRUE(race.x->may_order());
}

TEST(SecondInstallationRace, WhileTheShareTakesNoWritesTheOneThatHasTheFileStillAnswers) {
    Race race;
    race.x->spawn(race.x->ask());
    race.time.run_for(1s);
    ASSERT_TRUE(race.x->may_order());
    race.time.run_for(10min);
    race.share.owner_write_takes["x-machine"] = 5min;
    race.x->spawn(race.x->owner.refresh());
    race.time.run_for(1s);
    race.x->spawn(race.x->ask());
    race.time.run_for(1s);
    EXPECT_TRUE(race.x->may_order()) << "its refresh hangs, which is no reason to stop";
}

TEST(SecondInstallationRace, OneThatWasSilentForTooLongTakesTheFileAgainBeforeItContinues) {
    Race race;
    race.x->spawn(race.x->ask());
    race.time.run_for(1s);
    for (int i = 0; i < 13; ++i) {  // x hangs; z watches its file
        race.z->spawn(race.z->ask());
        race.time.run_for(1min);
    }
    ASSERT_TRUE(race.z->may_order());
    race.share.owners[cluster_file] = owner_text({"x-machine", "x-machine", "/var/lib", race.time.now()});
    // As if x's last write had ended only now.
    race.x->spawn(race.x->owner.refresh());
    race.x->spawn(race.x->ask());
    EXPECT_FALSE(race.do_both_act_within(2min));
}

TEST(SecondInstallationRace, OneWhoseClusterDoesNotSayWhichOneItIsYieldsToOneThatStartsLater) {
    Race race(Error{Errc::forbidden, "403"});
    race.z->spawn(race.z->ask());
    race.time.run_for(1s);
    ASSERT_TRUE(race.z->may_order()) << "it is alone";
    race.x->spawn(race.x->ask());
    race.time.run_for(1s);
    race.z->spawn(race.z->ask());
    race.time.run_for(0ms);
    EXPECT_FALSE(race.z->may_order() || race.z->may_delete()) << "it looks at all files before each order";
    // One of an earlier version looks every 30 seconds: until then the other one must not begin.
    EXPECT_FALSE(race.x->answer);
    EXPECT_FALSE(race.do_both_act_within(70s));
    EXPECT_TRUE(race.x->may_order());
}
