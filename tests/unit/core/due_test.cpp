#include "daemon/core/due.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

std::vector<std::string> order_of(Facts const& facts, Timing const& timing, Zone const& zone) {
    std::vector<std::string> names;
    for (auto const& c : queue(facts, timing, zone)) names.push_back(c.uuid.text());
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

// The predecessor: 'a VM served late last night is skipped tonight, so it gets a backup every second night.'
TEST(Due, AVmBackedUpLateLastNightIsDueWhenTheWindowOpens) {
    auto const zone = berlin();
    EXPECT_EQ(due_again(at("2026-11-24 05:50", zone), every(1), zone), at("2026-11-24 17:00", zone));
    EXPECT_EQ(due_again(at("2026-11-23 17:00", zone), every(1), zone), at("2026-11-24 17:00", zone));
}

TEST(Due, SevenDaysMeansTheSameWeekday) {
    auto const zone = berlin();
    EXPECT_EQ(due_again(at("2026-10-20 04:00", zone), every(7), zone), at("2026-10-26 17:00", zone));  // across autumn
    EXPECT_EQ(due_again(at("2026-10-19 17:00", zone), every(7), zone), at("2026-10-26 17:00", zone));
}

TEST(Due, WithinAWindowTheIntervalItselfCounts) {
    auto const zone = utc();
    Timing const timing{nightly, {0, 4h}};
    EXPECT_EQ(due_again(at("2026-11-23 17:30", zone), timing, zone), at("2026-11-23 21:30", zone));
    EXPECT_EQ(due_again(at("2026-11-24 05:30", zone), timing, zone), at("2026-11-24 09:30", zone));
}

TEST(Due, ANightThatSkipsTheOpeningDoesNotShiftLaterNights) {
    auto const zone = berlin();
    DailyWindow const early{2h + 30min, 5h};
    auto const started = at("2026-03-29 03:00", zone);  // it opened at 03:00 only
    EXPECT_EQ(due_again(started, every(1, early), zone), at("2026-03-30 02:30", zone));
}

// The predecessor: 'in the repeated hour of autumn the newer backup was deleted.'
TEST(Due, OfTwoCopiesInTheRepeatedHourTheLaterOneIsTheNewest) {
    auto const zone = berlin();
    auto const first = at("2026-10-25 02:30", zone);
    Facts facts{.now = first + 2h, .vms = {a_vm("a")}};
    facts.copies = {{VmUuid{"a"}, first + 1h}, {VmUuid{"a"}, first}};
    EXPECT_EQ(queue(facts, every(1), zone).at(0).last_backup, first + 1h);
}

// The predecessor: 'A folder dated in the future takes its VM out of the queue without a word.'
TEST(Due, ACopyFromTheFutureDoesNotCountAndIsReported) {
    auto const zone = utc();
    Facts facts{.now = at("2026-11-23 18:00", zone), .vms = {a_vm("a")}};
    facts.copies = {{VmUuid{"a"}, facts.now + days{30}}};
    auto const c = queue(facts, every(1), zone).at(0);
    EXPECT_FALSE(c.last_backup);
    EXPECT_TRUE(c.copy_from_the_future);
    EXPECT_LE(c.ready, facts.now);
    facts.copies = {{VmUuid{"a"}, facts.now + 2min}};  // clocks may differ by a few minutes
    EXPECT_TRUE(queue(facts, every(1), zone).at(0).last_backup);
}

TEST(Queue, NeverBackedUpFirstThenTheOldest) {
    auto const zone = utc();
    Facts facts{.now = at("2026-11-23 18:00", zone), .vms = {a_vm("old"), a_vm("older"), a_vm("never")}};
    facts.copies = {{VmUuid{"old"}, at("2026-11-20 18:00", zone)}, {VmUuid{"older"}, at("2026-11-19 18:00", zone)}};
    EXPECT_EQ(order_of(facts, every(1), zone), (Names{"never", "older", "old"}));
}

// The predecessor: '9 x 6 s and one of 40 s, last in the queue: no use of known durations.'
TEST(Queue, OfVmsBackedUpInTheSameWindowTheLongestGoesFirst) {
    auto const zone = utc();
    Facts facts{.now = at("2026-11-23 18:00", zone),
                .vms = {a_vm("a"), a_vm("b"), a_vm("big", 50'000'000'000), a_vm("c")}};
    for (int i = 0; auto const* vm : {"a", "b", "big", "c"})
        facts.copies.push_back({VmUuid{vm}, at("2026-11-22 18:00", zone) + 1min * i++});
    facts.usual_durations = {{VmUuid{"a"}, 6s}, {VmUuid{"c"}, 40s}};
    EXPECT_EQ(order_of(facts, every(1), zone), (Names{"big", "c", "b", "a"}));
}

// The predecessor: 'A VM whose POST fails makes no folder, so it heads the queue every night.'
TEST(Queue, AVmThatFailedGoesBehindTheOthersAndComesBack) {
    auto const zone = utc();
    Facts facts{.now = at("2026-11-23 18:00", zone), .vms = {a_vm("bad"), a_vm("good")}};
    facts.copies = {{VmUuid{"good"}, at("2026-11-22 18:00", zone)}};
    facts.failures[VmUuid{"bad"}] = {1, facts.now - 1min, "refused"};
    auto queued = queue(facts, every(1), zone);
    EXPECT_EQ(queued.at(0).uuid, VmUuid{"good"});
    EXPECT_EQ(queued.at(1).ready, facts.now + 4min);
    facts.failures[VmUuid{"bad"}].last = facts.now - 10min;
    EXPECT_EQ(order_of(facts, every(1), zone), (Names{"good", "bad"}));
}

TEST(Queue, BackOffDoublesUpToAnHour) {
    UtcTime const t{1'000'000s};
    std::vector<std::chrono::minutes> pauses;
    for (int n = 1; n <= 7; ++n)
        pauses.push_back(std::chrono::duration_cast<std::chrono::minutes>(retry_at({n, t, ""}) - t));
    EXPECT_EQ(pauses, (std::vector<std::chrono::minutes>{5min, 10min, 20min, 40min, 60min, 60min, 60min}));
}

TEST(Queue, AFailureFromBeforeTheClockWasSetBackDelaysNoVm) {
    auto const zone = utc();
    Facts facts{.now = at("2026-11-23 18:00", zone), .vms = {a_vm("a")}};
    facts.failures[VmUuid{"a"}] = {3, facts.now + days{2}, "refused"};
    EXPECT_LE(queue(facts, every(1), zone).at(0).ready, facts.now);
}

TEST(Queue, ItsOrderIsTotalAndIndependentOfTheOrderOfTheFacts) {
    auto const zone = berlin();
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        Facts facts{.now = at("2026-11-23 18:00", zone)};
        std::uniform_int_distribution<int> small(0, 3), when(-20, 2);
        for (int i = 0; i < 12; ++i) {
            auto vm = a_vm("vm-" + std::to_string(i), static_cast<std::uint64_t>(small(random)) * 1'000'000'000);
            vm.name = "twin";
            for (int n = small(random); n > 0; --n) facts.copies.push_back({vm.uuid, facts.now + 12h * when(random)});
            if (small(random) == 0) facts.failures[vm.uuid] = {small(random), facts.now - 7min * small(random), "x"};
            if (small(random) == 0) facts.usual_durations[vm.uuid] = 10s * small(random);
            facts.vms.push_back(std::move(vm));
        }
        auto const expected = order_of(facts, every(1), zone);
        std::ranges::shuffle(facts.vms, random);
        std::ranges::shuffle(facts.copies, random);
        ASSERT_EQ(order_of(facts, every(1), zone), expected);
        for (auto const& c : queue(facts, every(1), zone))  // the queue's shortcut agrees with the definition
            if (c.last_backup) ASSERT_EQ(c.due, due_again(*c.last_backup, every(1), zone));
    }
}

namespace {

std::optional<UtcTime> newest_of(std::vector<Copy> copies, char const* now) {
    auto const zone = utc();
    return newest_that_counts(std::move(copies), at(now, zone), every(1), zone);
}

Copy known(char const* started) { return {VmUuid{"a"}, at(started, utc()), true}; }
Copy unknown(char const* started) { return {VmUuid{"a"}, at(started, utc()), false}; }

}  // namespace

TEST(UnknownEnd, OneCopyDoesNotCountSoTheVmIsExportedOnceMore) {
    EXPECT_FALSE(newest_of({unknown("2026-11-23 17:00")}, "2026-11-23 18:00"));
    EXPECT_EQ(newest_of({known("2026-11-22 17:00"), unknown("2026-11-23 17:00")}, "2026-11-23 18:00"),
              at("2026-11-22 17:00", utc()));
}

TEST(UnknownEnd, TheSecondInARowCountsSoThereIsOneANight) {
    auto const second = unknown("2026-11-23 17:20");
    EXPECT_EQ(newest_of({unknown("2026-11-23 17:00"), second}, "2026-11-23 18:00"), second.started);
    auto const next_night = unknown("2026-11-24 17:00");
    EXPECT_EQ(newest_of({next_night, unknown("2026-11-23 17:00"), second}, "2026-11-24 18:00"), next_night.started);
}

TEST(UnknownEnd, ACopyThatCountsInBetweenStartsAnew) {
    EXPECT_EQ(newest_of({unknown("2026-11-23 17:00"), known("2026-11-23 17:20"), unknown("2026-11-24 17:00")},
                        "2026-11-24 18:00"),
              at("2026-11-23 17:20", utc()));
}

TEST(UnknownEnd, TwoThatAreFurtherApartThanTwoIntervalsDoNotCount) {
    EXPECT_FALSE(newest_of({unknown("2026-11-20 17:00"), unknown("2026-11-23 17:00")}, "2026-11-23 18:00"));
    EXPECT_TRUE(newest_of({unknown("2026-11-21 17:00"), unknown("2026-11-23 17:00")}, "2026-11-23 18:00"));
}

TEST(UnknownEnd, CopiesFromTheFutureAreIgnored) {
    EXPECT_FALSE(newest_of({unknown("2026-11-23 17:00"), unknown("2026-11-24 17:00")}, "2026-11-23 18:00"));
}

TEST(UnknownEnd, TheQueueUsesTheCopyThatCounts) {
    auto const zone = utc();
    Facts facts{.now = at("2026-11-23 18:00", zone), .vms = {a_vm("a"), a_vm("b")}};
    facts.copies = {unknown("2026-11-23 17:00"), {VmUuid{"b"}, at("2026-11-23 17:00", zone), true}};
    auto const first = queue(facts, every(1), zone);
    EXPECT_EQ(first.at(0).uuid, VmUuid{"a"});
    EXPECT_LE(first.at(0).ready, facts.now);
    facts.copies.push_back(unknown("2026-11-23 17:30"));
    for (auto const& c : queue(facts, every(1), zone)) EXPECT_GT(c.ready, facts.now) << c.name;
}

TEST(Due, AVmWhoseFailureHadACauseThatHasEndedIsReadyAndStillGoesBehindTheOthers) {
    auto const zone = utc();
    Facts facts{.now = at("2026-11-23 18:00", zone), .vms = {a_vm("a"), a_vm("b")}};
    Failures failed{.count = 2, .last = facts.now - 1min, .reason = "read-only"};
    facts.failures[VmUuid{"a"}] = failed;
    auto const waiting = queue(facts, every(1), zone);
    EXPECT_GT(waiting.at(1).ready, facts.now);
    facts.failures[VmUuid{"a"}].has_cause_ended = true;
    auto const ready = queue(facts, every(1), zone);
    EXPECT_EQ(ready.at(1).uuid, VmUuid{"a"});
    EXPECT_LE(ready.at(1).ready, facts.now);
}
