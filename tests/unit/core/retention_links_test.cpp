// Retention of a VM that continues an earlier one, or may.
#include "daemon/core/possible_links.hpp"
#include "daemon/core/retention.hpp"
#include "daemon/core/why.hpp"

#include "schedule_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

namespace {

struct RetentionOfLinkedVms : ::testing::Test {
    RuleZone zone = berlin();
    RetentionFacts facts{.now = at("2026-11-23 08:00", zone)};
    RetentionPolicy policy;
    VmLinks links{{{VmUuid{"old"}, VmUuid{"now"}, "", UtcTime{}}}};

    RetentionOfLinkedVms() { facts.existing = {VmUuid{"now"}}; }

    Stored& add_copy(std::string vm, int days_old, std::string name) {
        auto copy = a_copy(std::move(vm), facts.now - days{days_old}, std::move(name));
        use_link(copy, links);
        facts.backups.push_back(std::move(copy));
        return facts.backups.back();
    }
    Verdict verdict(std::string const& name) const {
        auto const verdicts = evaluate_retention(facts, policy, zone);
        return *std::ranges::find(verdicts, name, &Verdict::backup);
    }
    Reason reason(std::string const& name) const { return verdict(name).reason; }
    std::vector<std::string> sentences_for(char const* vm) const {
        ForecastFacts all;
        all.schedule.now = facts.now;
        all.schedule.vms = {a_vm("now")};
        all.settings = {.timing = every(1), .slots = 1};
        all.retention = facts;
        all.policy = policy;
        return why(VmUuid{vm}, all, {}, 7, zone);
    }
};

}  // namespace

TEST_F(RetentionOfLinkedVms, TheCopiesOfBothAreCountedTogether) {
    policy.max_backups = 2;
    add_copy("now", 1, "new");
    add_copy("old", 5, "older");
    add_copy("old", 6, "oldest");
    EXPECT_EQ(reason("new"), Reason::within_rules);
    EXPECT_EQ(reason("older"), Reason::within_rules);
    EXPECT_EQ(reason("oldest"), Reason::over_max_backups);
    EXPECT_EQ(verdict("oldest").leans_on, "new");
}

// Of a VM that is gone, MaxAge deletes every copy; these are all that the living one has.
TEST_F(RetentionOfLinkedVms, TheLastGoodCopyOfTheLivingVmIsKeptAlthoughTheEarlierOneMadeIt) {
    policy.max_age = config::CivilDuration{30, 0s};
    add_copy("old", 60, "only");
    EXPECT_EQ(reason("only"), Reason::last_good_copy);
    links = {};
    facts.backups.clear();
    add_copy("old", 60, "only");
    EXPECT_EQ(reason("only"), Reason::over_max_age) << "without the link";
}

TEST_F(RetentionOfLinkedVms, ACopyWhoseEndIsNotKnownMakesNoneOfTheEarlierVmSurplus) {
    policy.max_backups = 1;
    add_copy("now", 1, "new").end_known = false;
    add_copy("old", 5, "older");
    EXPECT_TRUE(verdict("older").keep);
}

TEST_F(RetentionOfLinkedVms, AnUnverifiedCopyOfTheLaterVmDeletesNothing) {
    policy.max_backups = 1;
    add_copy("now", 1, "new").verified = false;
    add_copy("old", 5, "older");
    EXPECT_EQ(reason("older"), Reason::no_verified_newer);
}

TEST_F(RetentionOfLinkedVms, ADamagedCopyOfOneKeepsThoseOfTheOther) {
    policy.max_backups = 1;
    add_copy("now", 1, "new");
    add_copy("now", 2, "bad").state = BackupState::damaged;
    add_copy("old", 5, "older");
    EXPECT_EQ(reason("older"), Reason::other_copy_damaged);
}

// For a week, and while the cluster cannot be asked, the earlier VM may exist: the link may be a mistake.
TEST_F(RetentionOfLinkedVms, AsLongAsTheEarlierVmMayExistItsOwnLastGoodCopyIsKept) {
    policy.max_backups = 1;
    add_copy("now", 1, "new");
    add_copy("old", 5, "older");
    add_copy("old", 6, "oldest");
    EXPECT_EQ(reason("older"), Reason::over_max_backups);
    facts.existing = {VmUuid{"now"}, VmUuid{"old"}};
    EXPECT_EQ(reason("older"), Reason::last_good_copy);
    EXPECT_EQ(reason("oldest"), Reason::over_max_backups);
    facts.existing.reset();
    EXPECT_EQ(reason("older"), Reason::last_good_copy);
}

// When the link ends, as because the cluster has the earlier VM again, its copies are no longer the later one's.
TEST_F(RetentionOfLinkedVms, TheLaterVmsOwnLastGoodCopyIsKeptAlthoughTheEarlierOneHasNewerOnes) {
    policy.max_backups = 1;
    policy.max_age = config::CivilDuration{30, 0s};
    add_copy("old", 1, "newest");
    add_copy("now", 40, "own");
    add_copy("now", 41, "older");
    EXPECT_EQ(reason("own"), Reason::last_good_copy);
    EXPECT_EQ(reason("older"), Reason::over_max_age);
    EXPECT_EQ(verdict("older").leans_on, "own") << "not on the one that the link may take away";
    facts.existing = {VmUuid{"another"}};
    EXPECT_EQ(reason("own"), Reason::over_max_age) << "neither exists";
}

TEST_F(RetentionOfLinkedVms, NoCopyOfAVmThatMayExistIsDeletedBecauseTheOtherOneHasAVerifiedOne) {
    policy.max_backups = 1;
    add_copy("old", 1, "newest");
    add_copy("now", 2, "own").verified = false;
    add_copy("now", 3, "verified");
    EXPECT_EQ(reason("verified"), Reason::no_verified_newer);
}

TEST_F(RetentionOfLinkedVms, OfThreeInARowEachKeepsItsOwnLastGoodCopyAsLongAsItMayExist) {
    links.add({VmUuid{"older"}, VmUuid{"old"}, "", UtcTime{}});
    facts.existing = {VmUuid{"now"}, VmUuid{"old"}, VmUuid{"older"}};
    policy.max_backups = 1;
    for (auto const* vm : {"older", "old", "now"}) {
        auto const name = std::string(vm);
        add_copy(name, name == "older" ? 1 : name == "now" ? 3 : 5, name + " newest");
        add_copy(name, 9, name + " surplus");
    }
    for (auto const* vm : {"older", "old", "now"}) {
        EXPECT_TRUE(verdict(std::string(vm) + " newest").keep) << vm;
        EXPECT_EQ(reason(std::string(vm) + " surplus"), Reason::over_max_backups) << vm;
        EXPECT_EQ(verdict(std::string(vm) + " surplus").leans_on, std::string(vm) + " newest");
    }
}

TEST_F(RetentionOfLinkedVms, TheNewestCopyOfAllIsTheEarlierVmsLastOneToo) {
    policy.max_backups = 1;
    facts.existing = {VmUuid{"now"}, VmUuid{"old"}};
    add_copy("old", 5, "newest");
    add_copy("old", 6, "older");
    EXPECT_EQ(reason("older"), Reason::over_max_backups) << "one of them is enough";
}

TEST_F(RetentionOfLinkedVms, UntilItIsDecidedTheCopiesOfAVmThatMayBeContinuedAreKept) {
    links = {};
    policy.max_age = config::CivilDuration{30, 0s};
    policy.max_backups = 1;
    add_copy("old", 60, "older");
    add_copy("old", 61, "oldest");
    EXPECT_EQ(reason("older"), Reason::over_max_age);
    facts.possible_links = {{VmUuid{"old"}, VmUuid{"now"}, "web1", "web1", 2, false}};
    for (auto const* name : {"older", "oldest"}) {
        EXPECT_TRUE(verdict(name).keep);
        EXPECT_EQ(reason(name), Reason::may_be_continued);
        EXPECT_THAT(explain(verdict(name), policy), HasSubstr("scale-backupctl link old now"));
    }
}

TEST_F(RetentionOfLinkedVms, TheReasonToKeepThemIsNotThatOfOthers) {
    links = {};
    policy.max_backups = 1;
    facts.possible_links = {{VmUuid{"old"}, VmUuid{"now"}, "web1", "web1", 2, false}};
    add_copy("now", 1, "new");
    add_copy("now", 2, "surplus");
    EXPECT_EQ(reason("surplus"), Reason::over_max_backups);
}

TEST_F(RetentionOfLinkedVms, ACopyFromTheFutureKeepsThoseOfBoth) {
    policy.max_backups = 1;
    add_copy("old", -10, "future");
    add_copy("now", 1, "new");
    add_copy("now", 2, "older");
    EXPECT_EQ(reason("older"), Reason::newest_in_future);
}

TEST_F(RetentionOfLinkedVms, WhyExplainsTheLinkOnBothSides) {
    add_copy("old", 5, "older");
    EXPECT_THAT(sentences_for("now"), Contains(HasSubstr("It continues VM old, which the cluster no longer has, and "
                                                         "whose 1 backup counts as its own")));
    EXPECT_THAT(sentences_for("now"), Contains(HasSubstr("Its newest scheduled backup is 'older'")));
    EXPECT_THAT(sentences_for("old"), Contains(HasSubstr("VM now continues it")));
}

TEST_F(RetentionOfLinkedVms, WhyOffersALinkOnBothSidesAndOnNoOther) {
    links = {};
    add_copy("old", 5, "older");
    facts.possible_links = {{VmUuid{"old"}, VmUuid{"now"}, "web1", "web1", 1, false}};
    for (auto const* vm : {"old", "now"})
        EXPECT_THAT(sentences_for(vm), Contains(HasSubstr("scale-backupctl link old now")));
    EXPECT_THAT(sentences_for("other"), Not(Contains(HasSubstr("scale-backupctl link"))));
}
