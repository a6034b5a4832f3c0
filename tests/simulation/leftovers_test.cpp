// The leftovers of an unsuccessful export may be a complete backup, or may now belong to another program.
#include "tests/simulation/schedule_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

struct Leftovers : ::testing::Test {
    ScheduleFixture fixture;
    std::string left;

    Leftovers() {
        fixture.cluster.add_vm("A");
        fixture.cluster.add_vm("B");
    }
    /// A's first export of the night ends like this; what it wrote stays.
    void a_job_ends(Outcome outcome) {
        fixture.start();
        fixture.run_until_clock(17h + 2min);
        fixture.cluster.task_error.clear();
        for (auto& [id, job] : fixture.journal.jobs)
            if (job.vm_name == "A" && job.outcome == Outcome::failed) {
                left = job.backup;
                job.outcome = outcome;
            }
        ASSERT_FALSE(left.empty());
    }
    void SetUp() override { fixture.cluster.task_error["A"] = "Disk read error"; }
    void nights(int count) {
        for (int i = 0; i < count; ++i) fixture.run_until_clock(12h);
    }
    bool is_there() const { return fixture.catalog.folders.contains(left); }
};

}  // namespace

TEST_F(Leftovers, LeftoversOfALostExportAreKeptIfTheyAreComplete) {
    a_job_ends(Outcome::lost);
    nights(4);
    EXPECT_TRUE(is_there()) << "it may be the only copy";
}

TEST_F(Leftovers, LeftoversOfALostExportAreDeletedIfDamagedButNotIfUnreadable) {
    a_job_ends(Outcome::lost);
    fixture.catalog.bad.insert_or_assign(left, Error{Errc::io, "Input/output error"});
    nights(4);
    EXPECT_TRUE(is_there());
    fixture.catalog.bad.insert_or_assign(left, Error{Errc::incomplete_backup, "a disk is missing"});
    nights(2);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, ALostExportThatWroteYesterdayIsKept) {
    a_job_ends(Outcome::lost);
    fixture.catalog.bad.insert_or_assign(left, Error{Errc::incomplete_backup, "a disk is missing"});
    fixture.run_until_clock(16h);
    fixture.run_until_clock(16h);
    fixture.catalog.changed.insert_or_assign(left, fixture.time.now());
    fixture.run_until_clock(12h);
    EXPECT_TRUE(is_there()) << "its export went on long after the job had given up";
    nights(1);
    EXPECT_FALSE(is_there()) << "at rest for a day, and broken";
}

TEST_F(Leftovers, AFolderThatAnotherProgramFilledLaterIsKept) {
    a_job_ends(Outcome::failed);
    fixture.catalog.changed.insert_or_assign(left, fixture.time.now() + 1h);
    nights(4);
    EXPECT_TRUE(is_there());
}

TEST_F(Leftovers, AnUnreadableFolderIsKept) {
    a_job_ends(Outcome::failed);
    fixture.catalog.unseen.insert_or_assign(left, Error{Errc::io, "Permission denied"});
    nights(4);
    EXPECT_TRUE(is_there());
    fixture.catalog.unseen.clear();
    nights(1);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, ATaskWithoutAVmMayStillBeWriting) {
    fixture.cluster.names_objects = false;
    a_job_ends(Outcome::failed);
    auto const first = std::ranges::find(fixture.cluster.runs, left, &FakeCluster::Run::folder);
    ASSERT_NE(first, fixture.cluster.runs.end());
    first->fails_with.clear();
    first->length = 24h * 30;
    nights(4);
    EXPECT_TRUE(is_there());
    std::ranges::find(fixture.cluster.runs, left, &FakeCluster::Run::folder)->length = 1s;
    nights(1);
    EXPECT_FALSE(is_there());
}
