#include "daemon/core/history.hpp"

#include "schedule_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

Job success(char const* name, UtcTime posted) {
    Job job;
    job.vm = VmUuid{"a"};
    job.vm_name = "A";
    job.backup = name;
    job.scheduled = true;
    job.phase = Phase::finished;
    job.outcome = Outcome::succeeded;
    job.end = ExportEnd::seen;
    job.queued = posted - 1min;
    job.posted = posted;
    job.finished = posted + 10min;
    return job;
}

}  // namespace

TEST(History, KeepsTheNewestTwoSuccessesOfAVm) {
    History history;
    UtcTime const first{std::chrono::days{20000}};
    history.note(success("one", first));
    history.note(success("two", first + 24h));
    history.note(success("three", first + 48h));
    auto const successes = history.successes();
    ASSERT_THAT(successes, SizeIs(1));
    auto const& of_vm = successes.begin()->second;
    ASSERT_THAT(of_vm, SizeIs(2));
    EXPECT_EQ(of_vm[0].backup, "three");
    EXPECT_EQ(of_vm[0].started, first + 48h) << "as in the manifest";
    EXPECT_EQ(of_vm[0].end, ExportEnd::seen);
    EXPECT_EQ(of_vm[1].backup, "two");
    EXPECT_EQ(history.newest_success(VmUuid{"a"})->backup, "three");
    EXPECT_FALSE(history.newest_success(VmUuid{"another"}));
}

TEST(History, AFailureAfterASuccessChangesNothingAboutTheSuccess) {
    History history;
    UtcTime const first{std::chrono::days{20000}};
    history.note(success("one", first));
    auto failed = success("two", first + 1h);
    failed.outcome = Outcome::failed;
    history.note(failed);
    ASSERT_THAT(history.successes(), SizeIs(1));
    EXPECT_EQ(history.successes().begin()->second.front().backup, "one");
}

TEST(History, AManualBackupIsNoSuccessOfTheSchedule) {
    History history;
    auto manual = success("by hand", UtcTime{std::chrono::days{20000}});
    manual.scheduled = false;
    history.note(manual);
    EXPECT_THAT(history.successes(), IsEmpty());
    EXPECT_THAT(history.usual_durations(), SizeIs(1)) << "but its duration is known";
}
