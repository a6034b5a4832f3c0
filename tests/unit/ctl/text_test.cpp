#include "ctl/render/text.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using std::chrono::seconds;

TEST(Text, ShowsAgesInOneUnit) {
    EXPECT_EQ(age_text(noon, noon), "just now");
    EXPECT_EQ(age_text(noon - seconds{45}, noon), "45 s ago");
    EXPECT_EQ(age_text(noon - seconds{3599}, noon), "59 min ago");
    EXPECT_EQ(age_text(noon - seconds{7200}, noon), "2 h ago");
    EXPECT_EQ(age_text(noon - seconds{3 * 86400}, noon), "3 days ago");
    EXPECT_EQ(age_text(noon + seconds{7200}, noon), "in 2 h");
    EXPECT_EQ(moment_with_age(std::nullopt, options_of(80)), "-");
}

TEST(Text, ShowsDurationsInTwoUnits) {
    EXPECT_EQ(short_length_text(seconds{0}), "0 s");
    EXPECT_EQ(short_length_text(seconds{60}), "1 min");
    EXPECT_EQ(short_length_text(seconds{200}), "3 min 20 s");
    EXPECT_EQ(short_length_text(seconds{7500}), "2 h 5 min");
    EXPECT_EQ(short_length_text(seconds{90000}), "1 d 1 h");
}

TEST(Text, DescribesHowAJobEnded) {
    EXPECT_EQ(ending_sentence(ended_job("succeeded"), "/mnt/backups"),
              "FILE01 was backed up to '/mnt/backups/nightly' in 3 min 20 s.");
    EXPECT_EQ(ending_sentence(ended_job("succeeded"), ""), "FILE01 was backed up to folder 'nightly' in 3 min 20 s.");
    auto restore = ended_job("succeeded");
    restore.kind = "restore";
    EXPECT_EQ(ending_sentence(restore, "/x"), "'nightly' was restored as VM 'FILE01' in 3 min 20 s.");
    EXPECT_EQ(ending_sentence(ended_job("failed", "task_failed", "no space"), ""), "backup of FILE01 failed: no space");
    EXPECT_EQ(ending_sentence(ended_job("cancelled"), ""), "backup of FILE01 was cancelled.");
    EXPECT_THAT(ending_sentence(ended_job("lost", "outcome_unknown", "why"), ""), testing::HasSubstr("unknown: why"));
}

TEST(Text, ExitCodesComeFromTheJobsError) {
    EXPECT_EQ(exit_code_of_job(ended_job("succeeded")), 0);
    EXPECT_EQ(exit_code_of_job(ended_job("failed")), 1);
    EXPECT_EQ(exit_code_of_job(ended_job("failed", "task_failed")), 1);
    EXPECT_EQ(exit_code_of_job(ended_job("failed", "not_found")), 3);
    EXPECT_EQ(exit_code_of_job(ended_job("failed", "name_in_use")), 4);
    EXPECT_EQ(exit_code_of_job(ended_job("failed", "credentials_refused")), 7);
    EXPECT_EQ(exit_code_of_job(ended_job("failed", "pin_mismatch")), 8);
    EXPECT_EQ(exit_code_of_job(ended_job("failed", "a code of tomorrow")), 1);
    EXPECT_EQ(exit_code_of_job(ended_job("cancelled", "cancelled")), 1);
}

}  // namespace
}  // namespace sb::ctl
