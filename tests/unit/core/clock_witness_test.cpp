#include "daemon/core/clock_witness.hpp"

#include "tests/support/rule_zone.hpp"
#include "tests/unit/core/witnessed_machine.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

using namespace samples;

class ClockWitnessTest : public testing::Test, protected WitnessedMachine {
protected:
    std::string why() const { return witness.explain(test::RuleZone(0min)); }
};

TEST_F(ClockWitnessTest, WithoutARecordTheClockIsBelieved) {
    EXPECT_EQ(observe(), ClockChange::none);
    EXPECT_FALSE(witness.in_doubt());
    EXPECT_EQ(witness.record(), wall);
    EXPECT_EQ(why(), "");
}

TEST_F(ClockWitnessTest, WithoutARecordAClusterADayOffIsADoubt) {
    cluster_ahead = 23h;
    EXPECT_EQ(observe(), ClockChange::none);
    lose_the_record();
    cluster_ahead = -24h;
    EXPECT_EQ(observe(), ClockChange::doubt_began);
    EXPECT_EQ(witness.record(), std::nullopt);
    EXPECT_EQ(why(), "there is no recorded time to compare the clock with; the cluster's clock is 1 day behind it");
    restart_daemon();
    EXPECT_TRUE(witness.in_doubt());
    cluster_ahead = 0s;
    EXPECT_EQ(observe(), ClockChange::ended_by_agreement);
}

TEST_F(ClockWitnessTest, OnOneBootTheSteadyClockConfirmsAnyLength) {
    observe();
    pass(days{10});
    EXPECT_EQ(observe(), ClockChange::none) << "slept";
    restart_daemon();
    pass(days{10});
    EXPECT_EQ(observe(), ClockChange::none) << "the daemon was stopped";
    pass(1h);
    step(5min);
    EXPECT_EQ(observe(), ClockChange::none);
}

TEST_F(ClockWitnessTest, AStepOfMoreThanFiveMinutesIsADoubt) {
    for (Milliseconds const by : {Milliseconds{5min + 1s}, Milliseconds{-5min - 1s}, Milliseconds{days{4000}}}) {
        for (bool const restarted : {false, true}) {
            lose_the_record();
            observe();
            auto const before = wall;
            if (restarted) restart_daemon();
            step(by);
            EXPECT_EQ(observe(), ClockChange::doubt_began);
            EXPECT_EQ(witness.record(), before) << "a doubtful time is not recorded";
        }
    }
    EXPECT_EQ(why(),
              "the clock jumped ahead by 4000 days; the cluster's clock is not known: without it, the clock is "
              "accepted after 2 days of running, 0 seconds so far");
}

TEST_F(ClockWitnessTest, SmallStepsThatTheClusterContradictsAddUpToADoubt) {
    for (Milliseconds const by : {Milliseconds{4min}, Milliseconds{-4min}, Milliseconds{1min}, Milliseconds{30s}}) {
        for (Milliseconds const every : {Milliseconds{1h}, Milliseconds{30h}}) {  // a step each day is not learned
            lose_the_record();
            cluster_ahead = 0s;
            observe();
            Milliseconds sum{0};
            auto change = ClockChange::none;
            while (change == ClockChange::none && abs(sum) < 1h) {
                step(by);
                sum += by;
                change = run_for(every);
                restart_daemon();
            }
            EXPECT_EQ(change, ClockChange::doubt_began);
            EXPECT_LE(abs(sum), 5min + 5min + abs(by)) << by.count();
            cluster_ahead = 0s;
            EXPECT_EQ(observe(), ClockChange::ended_by_agreement);
        }
    }
}

TEST_F(ClockWitnessTest, ADoubtAboutSmallStepsNamesTheirSum) {
    cluster_ahead = 0s;
    observe();
    for (int i = 0; i < 3; ++i) {
        step(4min);
        pass(1min);
        observe();
    }
    EXPECT_EQ(why(), "small steps have set the clock ahead by 8 minutes; the cluster's clock is 12 minutes behind it")
        << "after the first one the clocks still agreed";
    auto const restarted = ClockWitness::from_text(witness.text());
    EXPECT_EQ(restarted, witness);
}

TEST_F(ClockWitnessTest, SmallStepsAreNotSummedUpWithoutTheCluster) {
    observe();
    for (int i = 0; i < 100; ++i) {
        step(4min);
        EXPECT_EQ(run_for(1h), ClockChange::none);
    }
    cluster_ahead = -400min;
    EXPECT_EQ(run_for(1h), ClockChange::none) << "it may be the cluster's clock";
}

TEST_F(ClockWitnessTest, SmallStepsOfAClockThatDiffersByMoreAreNotADoubt) {
    cluster_ahead = 10h;
    observe();
    for (int i = 0; i < 3; ++i) {
        step(4min);
        EXPECT_EQ(run_for(1h), ClockChange::none) << "the cluster's clock differs for another reason";
    }
}

TEST_F(ClockWitnessTest, PartsOfASecondDoNotAddUp) {
    cluster_ahead = -10min;  // no agreement starts the sum over
    wall += 999ms;
    observe();
    for (int i = 0; i < 2000; ++i) {
        pass(1min + 7ms);
        ASSERT_EQ(observe(), ClockChange::none) << i;
    }
    EXPECT_EQ(witness.text().find("pace"), std::string::npos) << witness.text();
}

TEST_F(ClockWitnessTest, AfterABootATimeEarlierThanTheRecordIsADoubt) {
    observe();
    restart_machine(-5min);
    EXPECT_EQ(observe(), ClockChange::none);
    restart_machine(-days{2});
    EXPECT_EQ(observe(), ClockChange::doubt_began);
    EXPECT_EQ(why(),
              "after the machine was restarted, the clock was 2 days behind the last recorded time, "
              "2033-05-18 03:28; the cluster's clock is not known: without it, the clock is accepted after 2 "
              "days of running, 0 seconds so far");
}

TEST_F(ClockWitnessTest, AfterABootUpToADayLaterIsBelieved) {
    observe();
    restart_machine(days{1});
    EXPECT_EQ(observe(), ClockChange::none);
    cluster_ahead = 3h;
    restart_machine(days{1});
    EXPECT_EQ(observe(), ClockChange::none);
}

TEST_F(ClockWitnessTest, AMachineThatWasOffForTenDaysAndAgreesWithTheClusterIsNotInDoubt) {
    observe();
    cluster_ahead = -2min;
    restart_machine(days{10});
    EXPECT_EQ(observe(), ClockChange::none);
}

TEST_F(ClockWitnessTest, AfterABootMoreThanADayLaterIsADoubtIfTheClusterDoesNotAgree) {
    for (std::optional<Milliseconds> const ahead : {std::optional<Milliseconds>{}, {-6min}, {days{-9}}}) {
        lose_the_record();
        cluster_ahead = 0s;
        observe();
        restart_machine(days{1} + 1s);
        cluster_ahead = ahead;
        EXPECT_EQ(observe(), ClockChange::doubt_began);
    }
    EXPECT_EQ(why().substr(0, 71), "after the machine was restarted, the clock was 1 day ahead of the last ");
}

TEST_F(ClockWitnessTest, WithoutABootIdARestartedDaemonCannotRelyOnTheSteadyClock) {
    boot_id.clear();
    observe();
    pass(days{3});
    EXPECT_EQ(observe(), ClockChange::none) << "the same process";
    restart_daemon();
    pass(days{3});
    EXPECT_EQ(observe(), ClockChange::doubt_began);
}

TEST_F(ClockWitnessTest, ASteadyClockThatWentBackIsAnotherBoot) {
    observe();
    boot -= 1h;
    EXPECT_EQ(observe(), ClockChange::none);
}

TEST_F(ClockWitnessTest, AClusterWhoseClockJumpsIsNotADoubt) {
    cluster_ahead = 0s;
    observe();
    for (Milliseconds const ahead : {Milliseconds{days{-9000}}, Milliseconds{3h}, Milliseconds{days{9000}}}) {
        cluster_ahead = ahead;
        EXPECT_EQ(run_for(days{3}), ClockChange::none);
    }
}

TEST_F(ClockWitnessTest, AConstantOffsetIsLearnedAndThenAgrees) {
    cluster_ahead = 3h;
    observe();
    EXPECT_EQ(run_for(23h), ClockChange::none);
    EXPECT_EQ(witness.learned_offset(), std::nullopt);
    restart_machine();
    cluster_ahead = 3h + 4min;
    EXPECT_EQ(run_for(2h), ClockChange::none);
    EXPECT_EQ(witness.learned_offset(), 3h);
    EXPECT_EQ(why(), "the cluster's clock is constantly 3 hours ahead of this machine's");
    restart_machine(days{10});
    EXPECT_EQ(observe(), ClockChange::none);
    restart_machine(days{10});
    cluster_ahead = 2h;
    EXPECT_EQ(observe(), ClockChange::doubt_began);
}

TEST_F(ClockWitnessTest, AnOffsetThatChangesOrIsADayIsNotLearned) {
    cluster_ahead = 24h;
    EXPECT_EQ(run_for(days{3}), ClockChange::doubt_began);
    witness.accept(ClockReading{wall, boot, boot_id});
    EXPECT_EQ(run_for(days{3}), ClockChange::none);
    EXPECT_EQ(witness.learned_offset(), std::nullopt);
    for (int hour = 0; hour < 23; ++hour) {
        cluster_ahead = hour * 1h;
        run_for(20h);
    }
    EXPECT_EQ(witness.learned_offset(), std::nullopt);
}

TEST_F(ClockWitnessTest, AnOffsetThatIsGoneIsForgotten) {
    cluster_ahead = 3h;
    run_for(days{2});
    EXPECT_EQ(witness.learned_offset(), 3h);
    cluster_ahead = 1min;
    run_for(days{2});
    EXPECT_EQ(witness.learned_offset(), std::nullopt);
}

TEST_F(ClockWitnessTest, AnAcceptedDifferenceIsForgottenWhenTheClocksAgreeWithoutIt) {
    cluster_ahead = 3h;
    observe();
    witness.accept(reading());
    ASSERT_EQ(witness.learned_offset(), 3h);
    cluster_ahead = 0s;
    EXPECT_EQ(run_for(1h), ClockChange::none);
    EXPECT_EQ(witness.learned_offset(), std::nullopt);
    cluster_ahead = 3h;
    restart_machine(days{10});
    EXPECT_EQ(observe(), ClockChange::doubt_began) << "this difference is no agreement any longer";
}

TEST_F(ClockWitnessTest, AStepOntoTheClustersClockIsNotADoubt) {
    cluster_ahead = 3h;
    run_for(days{2});
    step(3h);
    EXPECT_EQ(observe(), ClockChange::none) << "NTP corrected the clock";
}

TEST_F(ClockWitnessTest, ADoubtEndsWhenTheClusterAgrees) {
    observe();
    step(days{-4000});
    EXPECT_EQ(observe(), ClockChange::doubt_began);
    EXPECT_EQ(run_for(1h), ClockChange::none);
    cluster_ahead = 5min;
    EXPECT_EQ(observe(), ClockChange::ended_by_agreement);
    EXPECT_FALSE(witness.in_doubt());
    EXPECT_EQ(witness.record(), wall) << "although it is earlier";
    cluster_ahead.reset();
    EXPECT_EQ(run_for(days{3}), ClockChange::none);
}

TEST_F(ClockWitnessTest, ADoubtEndsWhenTheAdministratorAcceptsTheClock) {
    cluster_ahead = 0s;
    observe();
    step(days{-4000});
    EXPECT_EQ(observe(), ClockChange::doubt_began);
    witness.accept(reading());
    EXPECT_FALSE(witness.in_doubt());
    EXPECT_EQ(witness.record(), wall);
    EXPECT_EQ(witness.learned_offset(), days{4000});
    EXPECT_EQ(run_for(days{3}), ClockChange::none);
    restart_machine(days{10});
    EXPECT_EQ(observe(), ClockChange::none) << "the cluster still differs by as much";
}

TEST_F(ClockWitnessTest, WithoutTheClusterADoubtEndsAfter48HoursOfRunning) {
    observe();
    step(days{4000});
    EXPECT_EQ(observe(), ClockChange::doubt_began);
    EXPECT_EQ(run_for(47h + 30min), ClockChange::none);
    EXPECT_EQ(run_for(30min), ClockChange::ended_unwitnessed);
    EXPECT_EQ(witness.record(), wall);
    EXPECT_EQ(run_for(days{3}), ClockChange::none);
}

TEST_F(ClockWitnessTest, TimeNeverEndsADoubtThatTheClusterShares) {
    cluster_ahead = 0s;
    observe();
    step(10min);
    EXPECT_EQ(observe(), ClockChange::doubt_began);
    EXPECT_EQ(why(), "the clock jumped ahead by 10 minutes; the cluster's clock is 10 minutes behind it");
    EXPECT_EQ(run_for(days{5}), ClockChange::none);
    cluster_ahead.reset();
    restart_machine();
    EXPECT_EQ(run_for(days{5}), ClockChange::none) << "it said once that this clock is wrong";
    cluster_ahead = 0s;
    EXPECT_EQ(observe(), ClockChange::ended_by_agreement);
}

TEST_F(ClockWitnessTest, RunningTimeIsSummedAcrossRestartsAndBootsAndNeverStartsOver) {
    observe();
    step(days{4000});
    observe();
    for (int boots = 1; boots < 48; ++boots) {
        EXPECT_EQ(run_for(30min), ClockChange::none);
        restart_daemon();
        EXPECT_EQ(run_for(30min), ClockChange::none);
        restart_machine(days{3});
        step(days{boots % 2 == 0 ? 9 : -9});
        EXPECT_EQ(observe(), ClockChange::none);
    }
    EXPECT_EQ(run_for(1h), ClockChange::ended_unwitnessed);
}

TEST_F(ClockWitnessTest, TimeInWhichTheDaemonDidNotRunCountsForAnHour) {
    observe();
    step(days{4000});
    observe();
    pass(days{10});
    EXPECT_EQ(observe(), ClockChange::none);
    restart_machine(days{10});
    EXPECT_EQ(observe(), ClockChange::none);
    EXPECT_EQ(run_for(46h + 30min), ClockChange::none);
    EXPECT_EQ(run_for(30min), ClockChange::ended_unwitnessed);
}

TEST_F(ClockWitnessTest, GarbageIsNoRecordAndATimeAloneIsOne) {
    for (auto const* text :
         {"", "\n\n", "garbage", "boot", "boot x y", "learned", "trial 1", "doubt", "doubt stepped 1",
          "doubt unheard 1 2", "learned 99999999999999999999", "pace", "pace x", "boot 9999999999999999 a"})
        EXPECT_EQ(ClockWitness::from_text(text), ClockWitness()) << text;
    witness = ClockWitness::from_text("2033-05-18T03:33:20+00:00");
    EXPECT_EQ(witness.record(), wall);
    wall -= 1h;
    EXPECT_EQ(observe(), ClockChange::doubt_began) << "as recorded by an earlier version";
}

}  // namespace
}  // namespace sb::core
