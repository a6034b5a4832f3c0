#pragma once
// A daemon with one slot, two VMs, and an export whose folder cannot get its name.

#include "tests/simulation/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sb::test {

inline Error const file_in_use{Errc::io, "a client of the share has a file of it open"};

struct Landing : ::testing::Test {
    EngineFixture fixture{1};
    JobId id = 0;

    Landing() {
        fixture.cluster.add_vm("FILE01");
        fixture.cluster.add_vm("OTHER");
    }
    /// The export is complete and inspected, its manifest is written, and its folder cannot be renamed.
    void rename_is_refused() {
        fixture.catalog.renaming_fails = file_in_use;
        id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(1min);
        ASSERT_EQ(job().phase, core::Phase::committing);
    }
    void restart() {
        fixture.stop_engine();
        fixture.start_engine(1);
    }
    core::Job job() { return fixture.job(id); }
    std::size_t exports_of(std::string const& vm) const {
        return static_cast<std::size_t>(std::ranges::count(fixture.cluster.runs, vm, &FakeCluster::Run::vm_name));
    }
    std::vector<core::Condition> conditions() const { return fixture.conditions->all(); }
    void expect_one_backup() {
        EXPECT_EQ(job().outcome, core::Outcome::succeeded);
        EXPECT_FALSE(job().error);
        EXPECT_EQ(exports_of("FILE01"), 1u);
        EXPECT_THAT(conditions(), testing::IsEmpty());
        EXPECT_THAT(fixture.catalog.landed, testing::IsEmpty());
        ASSERT_EQ(fixture.catalog.manifests.size(), 1u);
        EXPECT_EQ(fixture.catalog.manifests.begin()->second.attempt, job().attempt);
    }
};

}  // namespace sb::test
