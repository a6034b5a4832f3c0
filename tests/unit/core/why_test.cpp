#include "daemon/core/why.hpp"

#include "common/text/duration_text.hpp"
#include "daemon/core/text.hpp"
#include "schedule_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

struct WhyTest : ::testing::Test {
    RuleZone zone = berlin();
    ForecastFacts facts;
    VmUuid a{"a"};

    WhyTest() {
        facts.schedule.now = facts.retention.now = at("2026-11-23 12:00", zone);
        facts.schedule.vms = {a_vm("a"), a_vm("b")};
        facts.schedule.usual_durations[a] = 12min;
        facts.settings = {.timing = every(1), .slots = 1};
        facts.free_bytes = 1'000'000'000'000;
        add_copy("2026-11-22 17:03", "last night's");
    }
    void add_copy(char const* started, char const* name) {
        facts.schedule.copies.push_back({a, at(started, zone)});
        facts.retention.backups.push_back(a_copy("a", at(started, zone), name));
    }
    std::vector<std::string> sentences_for(std::optional<LastFailure> failure = {}) {
        return why(a, facts, failure, 7, zone);
    }
};

}  // namespace

TEST_F(WhyTest, ShowsTheLastBackupAndTheNext) {
    auto const sentences = sentences_for();
    EXPECT_THAT(sentences, Contains("Its newest scheduled backup is 'last night's', started at 2026-11-22 17:03; "
                                    "it took 10 minutes."));
    EXPECT_THAT(sentences, Contains("It does not start now: it is not due until 2026-11-23 17:00."));
    // b was never backed up and goes first; it is as large as a, so it is expected to take as long.
    EXPECT_THAT(sentences, Contains("It is expected to start at about 2026-11-23 17:12 and to take about 12 minutes; "
                                    "1 VM goes first in that window."));
}

TEST_F(WhyTest, ShowsWhatItWaitsFor) {
    facts.schedule.copies.clear();
    facts.retention.backups.clear();
    EXPECT_THAT(sentences_for(), Contains("It has no complete scheduled backup."));
    EXPECT_THAT(sentences_for(),
                Contains("It is due but does not start: the backup window is closed until 2026-11-23 17:00."));
    facts.settings.paused = true;
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("the schedule is paused")));
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("if the schedule is resumed by then")));
}

TEST_F(WhyTest, DoesNotExpectAStartNowOfWhatDoesNotStart) {
    facts.schedule.copies.clear();
    facts.schedule.now = facts.retention.now = at("2026-11-23 18:00", zone);  // the window is open
    auto const& hold = "the cluster is being updated";
    facts.schedule.hold = hold;
    EXPECT_THAT(sentences_for(), Contains("It is due but does not start: the cluster is being updated."));
    EXPECT_THAT(
        sentences_for(),
        Contains("It is expected to start as soon as orders are possible again, and to take about 12 minutes."));
    EXPECT_THAT(sentences_for(), Not(Contains(HasSubstr("start at about"))));
    facts.schedule.storage_problem = "LocalPath is not mounted";
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("as soon as LocalPath can be used again")));
    facts.settings.paused = true;
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("as soon as the schedule is resumed")));

    facts.settings.paused = false;
    facts.schedule.storage_problem.clear();
    facts.schedule.now = facts.retention.now = at("2026-11-23 12:00", zone);
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("in that window, if orders are possible again by then")));
}

TEST_F(WhyTest, ShowsTheLastFailure) {
    EXPECT_THAT(sentences_for(LastFailure{at("2026-11-23 02:10", zone), "POST: 500: no space"}),
                Contains("Its last failed attempt ended at 2026-11-23 02:10: POST: 500: no space."));
}

TEST_F(WhyTest, SaysThatManualDamagedAndFutureCopiesDoNotCount) {
    facts.retention.backups.push_back(a_copy("a", at("2026-11-23 10:00", zone), "by hand"));
    facts.retention.backups.back().scheduled = false;
    facts.retention.backups.push_back(a_copy("a", at("2026-11-20 17:00", zone), "bad"));
    facts.retention.backups.back().state = BackupState::damaged;
    add_copy("2027-01-01 17:00", "tomorrow's");
    auto const sentences = sentences_for();
    EXPECT_THAT(sentences,
                Contains("Backup 'by hand' is newer, but it is a manual backup and does not count for the schedule."));
    EXPECT_THAT(sentences, Contains("Backup 'bad' is damaged and does not count."));
    EXPECT_THAT(
        sentences,
        Contains(
            "Backup 'tomorrow's' is dated in the future (2027-01-01 17:00) and does not count; a clock was wrong."));
}

TEST_F(WhyTest, SaysWhichRuleWillDeleteWhichCopyAndWhen) {
    facts.policy = {2, config::CivilDuration{30, 0s}};
    EXPECT_THAT(sentences_for(),
                Contains("'last night's': kept: within MaxBackups and MaxAge; MaxBackups (2) deletes it after 2 more "
                         "backups, MaxAge (30 days) after 2026-12-22 17:03, once a newer backup has been verified."));
    facts.policy.max_backups.reset();
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("; MaxAge (30 days) deletes it after 2026-12-22 17:03")));
}

TEST_F(WhyTest, SaysWhyItIsExcluded) {
    facts.schedule.vms[0].replica = true;
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("It does not start now: it is a replication target")));
    facts.schedule.vms.clear();
    EXPECT_THAT(sentences_for(), Contains("The cluster no longer has a VM with the uuid a."));
    facts.schedule.vms_known = false;
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("cannot be reached")));
}

TEST_F(WhyTest, SaysThatItIsLate) {
    facts.settings.tolerance = config::CivilDuration{0, 6h};
    facts.schedule.copies = {{a, at("2026-11-20 17:00", zone)}};
    EXPECT_THAT(sentences_for(), Contains("It is late: due since 2026-11-21 17:00, and Tolerance is 6 hours."));
}

TEST(Words, DurationsAreRoundedByTheirLength) {
    EXPECT_EQ(length_text(45s + 900ms), "45 seconds");
    EXPECT_EQ(length_text(2h + 5min + 30s), "2 hours 5 minutes");
    EXPECT_EQ(count_text(1, "export"), "1 export");
    EXPECT_EQ(count_text(0, "export"), "0 exports");
}

TEST_F(WhyTest, ShowsThatABackupThatWasMovedAwayCountsForTheSchedule) {
    facts.retention.backups.clear();
    auto const sentences = sentences_for();
    EXPECT_THAT(sentences, Contains(HasSubstr("started at 2026-11-22 17:03 succeeded, but is no longer in LocalPath")));
    EXPECT_THAT(sentences, Contains(HasSubstr("it is not due until 2026-11-23 17:00")));
}

TEST_F(WhyTest, ShowsThatACopyWithoutAReportedEndDoesNotCount) {
    facts.schedule.copies.back().end_known = false;
    facts.retention.backups.back().end_known = false;
    EXPECT_THAT(sentences_for(), Contains(HasSubstr("scale-backupctl accept 'last night'\\''s'")));
}
