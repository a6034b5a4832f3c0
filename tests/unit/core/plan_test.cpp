#include "daemon/core/plan.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

struct PlanTest : ::testing::Test {
    RuleZone zone = berlin();
    Facts facts{.now = at("2026-11-23 18:00", zone), .vms = {a_vm("a"), a_vm("b"), a_vm("c"), a_vm("d")}};
    Settings settings{.timing = every(1), .slots = 3};

    Plan planned(std::vector<VmUuid> const& in_progress = {}) { return plan(facts, settings, in_progress, zone); }
    static std::optional<Skip> why_not(Plan const& plan, char const* vm) {
        auto const it = std::ranges::find(plan.skipped, VmUuid{vm}, &Skipped::vm);
        return it == plan.skipped.end() ? std::nullopt : std::optional(it->reason);
    }
};

std::vector<VmUuid> uuids(std::initializer_list<char const*> texts) {
    std::vector<VmUuid> result;
    for (auto const* text : texts) result.emplace_back(text);
    return result;
}

}  // namespace

TEST_F(PlanTest, FillsTheFreeSlotsAndSaysWhyNotTheOthers) {
    auto const p = planned(uuids({"a"}));
    EXPECT_EQ(p.start, uuids({"b", "c"}));
    EXPECT_EQ(why_not(p, "a"), Skip::in_progress);
    EXPECT_EQ(why_not(p, "d"), Skip::no_free_slot);
}

TEST_F(PlanTest, ManualJobsTakeSlotsFirst) {
    EXPECT_EQ(planned(uuids({"x", "y", ""})).start, uuids({}));
    EXPECT_EQ(planned(uuids({"x", "y", "z", "q"})).start, uuids({}));
}

TEST_F(PlanTest, OutsideTheWindowNothingStartsUntilItOpens) {
    facts.now = at("2026-11-23 12:00", zone);
    auto const p = planned();
    EXPECT_TRUE(p.start.empty());
    EXPECT_FALSE(p.window_open);
    EXPECT_EQ(p.opens, at("2026-11-23 17:00", zone));
    EXPECT_EQ(p.closes, at("2026-11-24 06:00", zone));
    EXPECT_EQ(p.wake_at, p.opens);
    EXPECT_EQ(why_not(p, "a"), Skip::window_closed);
}

TEST_F(PlanTest, InsideTheWindowItSleepsUntilTheNextBecomesDue) {
    settings.timing.interval = {0, 4h};
    facts.now = at("2026-11-23 22:00", zone);
    for (auto const& vm : facts.vms) facts.copies.push_back({vm.uuid, facts.now - 1h});
    facts.copies.front().started = facts.now - 3h;
    auto const p = planned();
    EXPECT_TRUE(p.start.empty());
    EXPECT_EQ(p.wake_at, facts.now + 1h);
    EXPECT_EQ(why_not(p, "a"), Skip::not_due);
}

TEST_F(PlanTest, AFailedVmIsRetriedAndBlocksNoOther) {
    facts.failures[VmUuid{"a"}] = {1, facts.now, "POST: 500: no space"};
    auto const p = planned();
    EXPECT_EQ(p.start, uuids({"b", "c", "d"}));
    EXPECT_EQ(why_not(p, "a"), Skip::backing_off);
    EXPECT_EQ(p.wake_at, facts.now + 5min);
    EXPECT_EQ(explain(p.skipped.front(), zone),
              "it failed once in this window; next attempt at 2026-11-23 18:05; last error: POST: 500: no space");
}

TEST_F(PlanTest, APauseStopsAll) {
    settings.paused = true;
    auto const p = planned();
    EXPECT_TRUE(p.start.empty());
    EXPECT_EQ(why_not(p, "a"), Skip::paused);
}

// The predecessor: "'prod, BackMeUp' (space after the comma) is not found".
TEST_F(PlanTest, ATagIsFoundWithAnySpacesAroundTheCommas) {
    settings.tag = "BackMeUp";
    facts.vms[0].tags = {"prod, BackMeUp"};
    facts.vms[1].tags = {"prod", " BackMeUp "};
    facts.vms[2].tags = {"BackMeUpNot", "backmeup"};
    auto const p = planned();
    EXPECT_EQ(p.start, uuids({"a", "b"}));
    EXPECT_EQ(why_not(p, "c"), Skip::wrong_tag);
    EXPECT_FALSE(p.tag_matches_nothing);
}

// The predecessor: "a wrong Tag gives 'No more backups in queue', exit code 0".
TEST_F(PlanTest, ATagThatMatchesNothingIsReported) {
    settings.tag = "BackMeUpp";
    EXPECT_TRUE(planned().tag_matches_nothing);
    facts.vms.clear();
    facts.vms_known = false;  // nothing is known about VMs that could not be listed
    EXPECT_FALSE(planned().tag_matches_nothing);
}

// The predecessor: "Of two VMs named 'twin' one is never backed up; no message."
TEST_F(PlanTest, TwoVmsWithOneNameAreBothBackedUp) {
    facts.vms[0].name = facts.vms[1].name = "twin";
    facts.copies = {{VmUuid{"a"}, facts.now - 30min}};
    auto const p = planned();
    EXPECT_EQ(why_not(p, "a"), Skip::not_due);
    EXPECT_EQ(std::ranges::count(p.start, VmUuid{"b"}), 1);
}

TEST_F(PlanTest, ARenamedVmKeepsItsHistory) {
    facts.copies = {{VmUuid{"a"}, facts.now - 30min}};
    facts.vms[0].name = "new name";
    EXPECT_EQ(why_not(planned(), "a"), Skip::not_due);
}

TEST_F(PlanTest, VmsThatCannotBeExportedAreExcludedWithTheReason) {
    facts.vms[0].replica = true;
    facts.vms[1].disks.clear();
    auto const p = planned();
    EXPECT_EQ(p.start, uuids({"c", "d"}));
    EXPECT_EQ(why_not(p, "a"), Skip::not_eligible);
    auto const b = std::ranges::find(p.skipped, VmUuid{"b"}, &Skipped::vm);
    EXPECT_EQ(explain(*b, zone), "it has no disk");
}

TEST_F(PlanTest, AVmOverdueByMoreThanTheToleranceIsLate) {
    settings.tolerance = config::CivilDuration{0, 6h};
    facts.copies = {{VmUuid{"a"}, at("2026-11-21 17:30", zone)},   // due since yesterday
                    {VmUuid{"b"}, at("2026-11-22 17:30", zone)}};  // due since an hour
    facts.first_seen = {{VmUuid{"c"}, at("2026-11-01 12:00", zone)}, {VmUuid{"d"}, at("2026-11-23 12:00", zone)}};
    auto const p = planned();
    ASSERT_EQ(p.behind.size(), 2u);
    EXPECT_EQ(p.behind[0].vm, VmUuid{"c"});  // never backed up, seen long ago
    EXPECT_EQ(p.behind[1].vm, VmUuid{"a"});
    EXPECT_EQ(p.behind[1].due, at("2026-11-22 17:00", zone));
}

TEST_F(PlanTest, EveryVmIsStartedOrSkippedNeverBoth) {
    facts.vms[0].transient = true;
    facts.copies = {{VmUuid{"b"}, facts.now - 10min}};
    settings.slots = 1;
    auto const p = planned();
    EXPECT_EQ(p.start.size() + p.skipped.size(), facts.vms.size());
    for (auto const& vm : p.start) EXPECT_FALSE(why_not(p, vm.text().c_str()));
    for (auto const& s : p.skipped) EXPECT_FALSE(explain(s, zone).empty());
}

TEST_F(PlanTest, AVmWhoseExportOnlyWaitsForItsNameSaysSo) {
    facts.unnamed[VmUuid{"a"}] = "job 7 has not finished: its export is complete";
    auto const p = plan(facts, settings, {VmUuid{"a"}}, zone);
    auto const a = std::ranges::find(p.skipped, VmUuid{"a"}, &Skipped::vm);
    ASSERT_NE(a, p.skipped.end());
    EXPECT_EQ(a->reason, Skip::in_progress);
    EXPECT_EQ(explain(*a, zone), "job 7 has not finished: its export is complete");
}

namespace {

/// The window closes at 06:00; "a" was backed up at 17:00, the others never.
struct NotReached : PlanTest {
    UtcTime closed = at("2026-11-24 06:00", zone);
    NotReached() {
        facts.now = closed + 8s;
        facts.copies = {{VmUuid{"a"}, at("2026-11-23 17:00", zone)}};
    }
    std::vector<std::string> names(std::vector<VmUuid> const& in_progress = {}) {
        return not_reached(facts, settings, in_progress, closed, zone);
    }
    using Names = std::vector<std::string>;
};

}  // namespace

TEST_F(NotReached, AreThoseThatWereDueAndNotStarted) {
    EXPECT_EQ(names(uuids({"c"})), (Names{"name of b", "name of d"}));
    settings.slots = 1;
    EXPECT_EQ(names(uuids({"c"})), (Names{"name of b", "name of d"})) << "whatever kept them";
    facts.storage_problem = "no mark";
    facts.hold = "an update";
    facts.space = {.free_bytes = 1, .total_bytes = 1000};
    EXPECT_EQ(names(uuids({"c"})), (Names{"name of b", "name of d"}));
}

TEST_F(NotReached, AreNotThoseThatFailed) {
    facts.failures[VmUuid{"b"}] = {1, closed - 3h, "Disk read error"};
    EXPECT_EQ(names(uuids({"c"})), (Names{"name of d"}));
}

TEST_F(NotReached, AreNotThoseThatBecameDueWhenItClosedOrAfterwards) {
    settings.timing.interval = {0, 13h};
    EXPECT_EQ(names(uuids({"b", "c", "d"})), (Names{})) << "'a' is due at 06:00";
    settings.timing.interval = {0, 12h};
    EXPECT_EQ(names(uuids({"b", "c", "d"})), (Names{"name of a"}));
}

TEST_F(NotReached, AreNoneWhilePaused) {
    settings.paused = true;
    EXPECT_EQ(names(), (Names{}));
}

TEST_F(PlanTest, NamesWhatIsHeldBackBySomethingOtherThanTime) {
    settings.slots = 1;
    facts.copies = {{VmUuid{"a"}, at("2026-11-23 17:00", zone)}};
    EXPECT_EQ(held_back(planned()), (std::vector<std::string>{"name of c", "name of d"}));
    facts.hold = "an update";
    EXPECT_EQ(held_back(planned()), (std::vector<std::string>{"name of b", "name of c", "name of d"}));
    facts.hold.clear();
    settings.paused = true;
    EXPECT_EQ(held_back(planned()), (std::vector<std::string>{}));
}

TEST_F(PlanTest, WhatWaitsIsWithdrawnWhenItIsNoLongerWanted) {
    settings.tag = "nightly";
    auto vm = a_vm("a");
    vm.tags = {"x, nightly"};
    EXPECT_FALSE(why_withdrawn(settings, &vm, facts.now, zone));
    EXPECT_FALSE(why_withdrawn(settings, nullptr, facts.now, zone)) << "what is not known is no reason";
    auto const code = [&](Vm const* of, UtcTime now) {
        auto const why = why_withdrawn(settings, of, now, zone);
        return why ? std::optional(why->code) : std::nullopt;
    };
    auto const closed = at("2026-11-24 06:00", zone);
    EXPECT_EQ(code(&vm, closed), Errc::timed_out);
    vm.tags = {"x"};
    EXPECT_EQ(code(&vm, facts.now), Errc::cancelled);
    EXPECT_EQ(code(&vm, closed), Errc::cancelled) << "it is not one that the window should have reached";
    vm.tags = {"nightly"};
    vm.replica = true;
    EXPECT_EQ(code(&vm, facts.now), Errc::cancelled);
    settings.paused = true;
    EXPECT_EQ(code(nullptr, closed), Errc::cancelled) << "nothing is reported while the schedule is paused";
}
