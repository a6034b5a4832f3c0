// What an export that did not succeed left behind may be a whole backup, or by now somebody else's.
#include "tests/simulation/schedule_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

struct Leftovers : ::testing::Test {
    ScheduleBench bench;
    std::string left;

    Leftovers() {
        bench.cluster.add_vm("A");
        bench.cluster.add_vm("B");
    }
    /// A's first export of the night ends like that; what it wrote stays.
    void a_job_ends(Outcome outcome) {
        bench.start();
        bench.run_until_clock(17h + 2min);
        bench.cluster.task_error.clear();
        for (auto& [id, job] : bench.journal.jobs)
            if (job.vm_name == "A" && job.outcome == Outcome::failed) {
                left = job.backup;
                job.outcome = outcome;
            }
        ASSERT_FALSE(left.empty());
    }
    void SetUp() override { bench.cluster.task_error["A"] = "Disk read error"; }
    void nights(int count) {
        for (int i = 0; i < count; ++i) bench.run_until_clock(12h);
    }
    bool is_there() const { return bench.catalog.folders.contains(left); }
};

}  // namespace

TEST_F(Leftovers, WhatALostExportLeftIsKeptIfItIsWhole) {
    a_job_ends(Outcome::lost);
    nights(4);
    EXPECT_TRUE(is_there()) << "it may be the only copy";
}

TEST_F(Leftovers, WhatALostExportLeftIsRemovedIfItIsBrokenAndNotOnceItCannotBeExamined) {
    a_job_ends(Outcome::lost);
    bench.catalog.bad.insert_or_assign(left, Error{Errc::io, "Input/output error"});
    nights(4);
    EXPECT_TRUE(is_there());
    bench.catalog.bad.insert_or_assign(left, Error{Errc::incomplete_backup, "a disk is missing"});
    nights(2);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, ALostExportThatWroteYesterdayIsLeftAlone) {
    a_job_ends(Outcome::lost);
    bench.catalog.bad.insert_or_assign(left, Error{Errc::incomplete_backup, "a disk is missing"});
    bench.run_until_clock(16h);
    bench.run_until_clock(16h);
    bench.catalog.changed.insert_or_assign(left, bench.time.now());
    bench.run_until_clock(12h);
    EXPECT_TRUE(is_there()) << "its export went on long after the job had given up";
    nights(1);
    EXPECT_FALSE(is_there()) << "at rest for a day, and broken";
}

TEST_F(Leftovers, AFolderThatSomebodyElseFilledAfterwardsIsLeftAlone) {
    a_job_ends(Outcome::failed);
    bench.catalog.changed.insert_or_assign(left, bench.time.now() + 1h);
    nights(4);
    EXPECT_TRUE(is_there());
}

TEST_F(Leftovers, AFolderThatCannotBeSeenIsLeftAlone) {
    a_job_ends(Outcome::failed);
    bench.catalog.unseen.insert_or_assign(left, Error{Errc::io, "Permission denied"});
    nights(4);
    EXPECT_TRUE(is_there());
    bench.catalog.unseen.clear();
    nights(1);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, ATaskThatNamesNoVmMayBeTheOneThatStillWrites) {
    bench.cluster.names_objects = false;
    a_job_ends(Outcome::failed);
    auto const first = std::ranges::find(bench.cluster.runs, left, &FakeCluster::Run::folder);
    ASSERT_NE(first, bench.cluster.runs.end());
    first->fails_with.clear();
    first->length = 24h * 30;
    nights(4);
    EXPECT_TRUE(is_there());
    std::ranges::find(bench.cluster.runs, left, &FakeCluster::Run::folder)->length = 1s;
    nights(1);
    EXPECT_FALSE(is_there());
}
