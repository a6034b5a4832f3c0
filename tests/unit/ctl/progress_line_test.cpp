#include "ctl/render/display_width.hpp"
#include "ctl/follow/progress_line.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <gtest/gtest.h>

namespace sb::ctl {
namespace {

Forecast const forecast{118ULL << 20, std::chrono::seconds{200}};

TEST(ProgressLine, ShowsEverythingWhereThereIsRoom) {
    EXPECT_EQ(progress_line(job_of(17, "running", "following", 42), forecast, 79),
              "FILE01  [==============>                   ]   42 %  118 MiB/s  3 min 20 s left");
    EXPECT_LE(display_width(progress_line(job_of(17, "running", "following", 42), forecast, 200)), 200u);
}

TEST(ProgressLine, LeavesOutTheLeastImportantFirst) {
    auto const job = job_of(17, "running", "following", 42);
    EXPECT_EQ(progress_line(job, forecast, 40), "FILE01  [==>   ]   42 %  3 min 20 s left");
    EXPECT_EQ(progress_line(job, {}, 24), "FILE01  [==>    ]   42 %");
    EXPECT_EQ(progress_line(job, forecast, 14), "FIL…   42 %");
}

TEST(ProgressLine, IsNeverWiderThanAsked) {
    auto job = job_of(17, "running", "following", 42);
    job.cancel_requested = true;
    for (auto const* name :
         {"FILE01", "日本語サーバー日本語サーバー", "", "a very long name that nobody should give a machine"}) {
        job.vm = name;
        for (std::size_t width = 1; width < 120; ++width) {
            EXPECT_LE(display_width(progress_line(job, forecast, width)), width) << name << " " << width;
        }
    }
}

TEST(ProgressLine, ShowsOtherPhasesInWords) {
    EXPECT_EQ(progress_line(job_of(17, "queued", "queued"), {}, 79), "FILE01  waiting for its turn");
    EXPECT_EQ(progress_line(job_of(17, "running", "inspecting"), {}, 79), "FILE01  verifying the export");
}

TEST(ProgressLine, ShowsWhyAnExportThatIsCompleteWaitsForItsName) {
    auto job = job_of(17, "running", "committing");
    EXPECT_EQ(progress_line(job, {}, 79), "FILE01  writing the manifest");
    job.error = "renaming it: \x1b[2Jaccess denied";
    EXPECT_EQ(progress_line(job, {}, 79), "FILE01  waiting for its name: renaming it: \\x1b[2Jaccess denied");
    EXPECT_EQ(display_width(progress_line(job, {}, 30)), 30u);
}

TEST(EventLines, GiveTheReasonOnceWhileAnExportWaitsForItsName) {
    EventLines lines;
    auto job = job_of(17, "running", "committing");
    EXPECT_EQ(lines.line_for(job, false), "job 17: writing the manifest");
    job.error = "the folder cannot be renamed: a file is open";
    EXPECT_EQ(lines.line_for(job, false), "job 17: waiting for its name: the folder cannot be renamed: a file is open");
    EXPECT_EQ(lines.line_for(job, false), std::nullopt);
    job.state = "failed";
    EXPECT_EQ(lines.line_for(job, false), "job 17: failed: the folder cannot be renamed: a file is open");
}

TEST(EventLines, SpeakAtChangesOfPhaseAndEveryTenPercent) {
    EventLines lines;
    std::string all;
    auto tell = [&](std::string const& phase, std::optional<int> percent, std::string const& state = "running") {
        if (auto const line = lines.line_for(job_of(17, state, phase, percent), false)) all += *line + "\n";
    };
    tell("queued", std::nullopt, "queued");
    tell("queued", std::nullopt, "queued");
    tell("preparing", std::nullopt);
    for (int percent = 0; percent <= 25; ++percent) tell("following", percent);
    tell("following", 19);  // falls back
    tell("following", 21);
    tell("following", 47);
    tell("inspecting", 100);
    EXPECT_EQ(all,
              "job 17: waiting for its turn\njob 17: preparing\njob 17: exporting 0 %\njob 17: exporting 10 %\n"
              "job 17: exporting 20 %\njob 17: exporting 47 %\njob 17: verifying the export\n");
}

TEST(LiveLines, DrawOverThemselvesAndVanish) {
    LiveLines lines;
    EXPECT_EQ(lines.erase(), "");
    EXPECT_EQ(lines.redraw({"a"}), "\ra\x1b[K");
    EXPECT_EQ(lines.redraw({"a", "b"}), "\ra\x1b[K\nb\x1b[K");
    EXPECT_EQ(lines.redraw({"c"}), "\r\x1b[1Ac\x1b[K\x1b[J");
    EXPECT_EQ(lines.erase(), "\r\x1b[J");
    EXPECT_EQ(lines.erase(), "");
}

}  // namespace
}  // namespace sb::ctl
