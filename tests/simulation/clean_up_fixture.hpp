#pragma once
// Two VMs with copies of which some have expired, and a clean-up of them.

#include "daemon/core/verification.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::test {

using namespace core;

struct CleanUp : ::testing::Test {
    ScheduleFixture fixture;

    CleanUp() {
        fixture.settings.policy.max_age = config::CivilDuration{30, 0s};
        add_vm("A");
    }
    VmUuid add_vm(std::string const& name) {
        fixture.cluster.add_vm(name);
        return fixture.cluster.vms.back().uuid;
    }
    void add_copy(std::string const& name, VmUuid const& vm, int days_old) {
        Manifest manifest;
        manifest.backup = name;
        manifest.vm_uuid = vm;
        manifest.vm_name = "VM of " + name;
        manifest.scheduled = true;
        manifest.end = ExportEnd::seen;
        manifest.started = manifest.completed = fixture.time.now() - 24h * days_old;
        manifest.verified = with_verification({}, Level::structure, manifest.completed);
        fixture.catalog.folders.insert(name);
        fixture.catalog.manifests[name] = manifest;
    }
    /// The second is "B". Each has four new copies, "a new 0" being the newest, and an old one to be deleted, "a old".
    std::pair<VmUuid, VmUuid> two_vms_with_old_copies() {
        auto const a = fixture.cluster.vms.front().uuid;
        auto const b = add_vm("B");
        for (int i = 0; i < 4; ++i) {
            add_copy("a new " + std::to_string(i), a, i + 1);
            add_copy("b new " + std::to_string(i), b, i + 1);
        }
        add_copy("a old", a, 60);
        add_copy("b old", b, 60);
        return {a, b};
    }
    engine::Pruned prune() {
        auto pruned = fixture.get(fixture.scheduler->clean_up().prune(true));
        EXPECT_TRUE(pruned) << pruned.error().context;
        return pruned ? *pruned : engine::Pruned{};
    }
    /// By hand: the daemon does not know.
    void remove_folder(std::string const& name) {
        fixture.catalog.folders.erase(name);
        fixture.catalog.manifests.erase(name);
    }
    std::vector<std::string> unreadable() const {
        std::vector<std::string> names;
        for (auto const& condition : fixture.conditions->all())
            if (condition.kind == ConditionKind::copy_unreadable) names.push_back(condition.subject);
        return names;
    }
};

}  // namespace sb::test
