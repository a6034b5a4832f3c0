#include "daemon/core/verification.hpp"

#include "tests/support/rule_zone.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

UtcTime const verification_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h};
test::RuleZone const zone = test::utc();

VerifyCandidate backup(std::string name, int days_old, std::optional<Verified> verified = {}) {
    return {std::move(name),
            BackupState::complete,
            verification_now - std::chrono::days(days_old),
            std::move(verified),
            {}};
}
Verified structure(int days_ago) {
    return with_verification({}, Level::structure, verification_now - std::chrono::days(days_ago));
}
Verified content(int days_ago) {
    return with_verification({}, Level::content, verification_now - std::chrono::days(days_ago));
}
Verified reread(int days_ago) {
    return with_verification(content(days_ago + 30), Level::reread, verification_now - std::chrono::days(days_ago));
}

VerifyPolicy everything() { return {true, true, config::CivilDuration{30, 0s}}; }

std::optional<NextVerification> next(std::vector<VerifyCandidate> const& backups,
                                     VerifyPolicy const& policy = everything()) {
    return plan_verification(backups, policy, verification_now, zone).next;
}

TEST(Verification, TheHighestLevelCountsAndEachKeepsItsTime) {
    auto const verified = with_verification(reread(10), Level::structure, verification_now);
    EXPECT_EQ(verified.level, "reread");
    EXPECT_EQ(verified.at, verification_now - std::chrono::days(10))
        << "checking the tables does not count as a reading";
    EXPECT_EQ(verified.structure, verification_now);
    EXPECT_EQ(verified.content, verification_now - std::chrono::days(40));
}

TEST(Verification, AManifestWithTheLevelOnlyKeepsItsTime) {
    Verified const old{.level = "structure", .at = verification_now - 48h};
    auto const verified = with_verification(old, Level::content, verification_now);
    EXPECT_EQ(verified.level, "content");
    EXPECT_EQ(verified.structure, verification_now);
    EXPECT_EQ(with_verification(old, Level::structure, verification_now).at, verification_now);
}

TEST(Verification, NothingIsDueThatIsNotConfigured) {
    EXPECT_EQ(next({backup("a", 1), backup("b", 2, structure(2))}, {false, false, {}}), std::nullopt);
    EXPECT_EQ(next({backup("a", 1, structure(1))}, {true, false, {}}), std::nullopt);
}

TEST(Verification, UnverifiedBeforeReread_NewestFirst_ThenTheOldestVerification) {
    std::vector<VerifyCandidate> all{backup("old", 90, reread(40)),     backup("older", 90, content(50)),
                                     backup("fresh", 90, reread(3)),    backup("unread", 9, structure(9)),
                                     backup("newest", 1, structure(1)), backup("adopted", 60)};
    std::vector<std::string> order;
    while (auto const due = next(all)) {
        order.push_back(due->backup + " " + std::string(name_of(due->level)));
        for (auto& one : all)
            if (one.name == due->backup) one.verified = with_verification(one.verified, due->level, verification_now);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"adopted structure", "newest content", "unread content",
                                               "adopted content", "older reread", "old reread"}));
}

TEST(Verification, ThePlanSaysWhenTheNextOneIsDue) {
    auto const plan = plan_verification({backup("a", 60, reread(3)), backup("b", 60, reread(10))}, everything(),
                                        verification_now, zone);
    EXPECT_EQ(plan.next, std::nullopt);
    EXPECT_EQ(plan.wake_at, verification_now + std::chrono::days(20));
}

TEST(Verification, OnlyCompleteBackupsAndNotAgainImmediately) {
    for (auto state :
         {BackupState::exporting, BackupState::unverified, BackupState::incomplete, BackupState::damaged}) {
        auto one = backup("a", 1);
        one.state = state;
        EXPECT_EQ(next({one}), std::nullopt) << name_of(state);
    }
    auto failed = backup("a", 1, structure(1));
    failed.not_before = verification_now + 1h;
    auto const plan = plan_verification({failed, backup("b", 5, structure(5))}, everything(), verification_now, zone);
    EXPECT_EQ(plan.next, (NextVerification{"b", Level::content}));
    EXPECT_EQ(plan.wake_at, verification_now + 1h);
}

/// With any backups, following the plan ends, and then everything is verified as configured.
TEST(Verification, FollowingThePlanVerifiesEverything) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::vector<VerifyCandidate> all;
        for (unsigned i = 0; i < random() % 12; ++i) {
            auto const age = static_cast<int>(random() % 100);
            std::optional<Verified> verified;
            if (random() % 3) verified = random() % 2 ? structure(age) : random() % 2 ? content(age) : reread(age);
            all.push_back(backup(std::to_string(i), age, verified));
        }
        VerifyPolicy const policy{random() % 2 == 0, random() % 2 == 0,
                                  random() % 2 ? std::optional(config::CivilDuration{30, 0s}) : std::nullopt};
        std::size_t steps = 0;
        while (auto const due = next(all, policy)) {
            ASSERT_LE(++steps, 2 * all.size());
            for (auto& one : all)
                if (one.name == due->backup)
                    one.verified = with_verification(one.verified, due->level, verification_now);
        }
        for (auto const& one : all) {
            if (policy.structure) EXPECT_TRUE(one.verified);
            auto const verified = content_verified_at(one.verified);
            if (policy.content) EXPECT_TRUE(verified);
            if (policy.reread_every && verified) EXPECT_GT(*verified + std::chrono::days(30), verification_now);
        }
    }
}

TEST(Verification, OnlyAComparisonClearsWhatAComparisonFound) {
    Damage const by_reread{"reread", verification_now, "x"};
    EXPECT_FALSE(clears(by_reread, Level::structure));
    EXPECT_FALSE(clears(by_reread, Level::content));
    EXPECT_TRUE(clears(by_reread, Level::reread));
    EXPECT_TRUE(clears(Damage{"content", verification_now, "x"}, Level::content))
        << "found before anything was verified";
    EXPECT_TRUE(clears(Damage{"structure", verification_now, "x"}, Level::structure));
    EXPECT_FALSE(clears(Damage{"a later level", verification_now, "x"}, Level::structure));
}

TEST(Verification, ReadingKeepsToItsTimes) {
    ReadingTimes times{config::VerifyWhen::outside_window, DailyWindow{17h, 6h}};
    EXPECT_TRUE(may_read(times, verification_now, zone));
    EXPECT_FALSE(may_read(times, verification_now + 8h, zone));
    EXPECT_EQ(next_reading_change(times, verification_now, zone), verification_now + 5h);
    times.when = config::VerifyWhen::inside_window;
    EXPECT_FALSE(may_read(times, verification_now, zone));
    EXPECT_TRUE(may_read(times, verification_now + 8h, zone));
    times.when = config::VerifyWhen::always;
    EXPECT_TRUE(may_read(times, verification_now + 8h, zone));
    // Without a window, or with one that never closes, "outside" would mean never.
    EXPECT_TRUE(may_read({config::VerifyWhen::outside_window, std::nullopt}, verification_now, zone));
    EXPECT_TRUE(may_read({config::VerifyWhen::outside_window, DailyWindow{6h, 6h}}, verification_now, zone));
}

}  // namespace
