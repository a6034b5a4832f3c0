#pragma once
// A scheduler with copies of one cluster or another in LocalPath, and with another installation beside it.

#include "daemon/core/verification.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sb::test {

using namespace sb::core;

/// Another cluster's uuid.
inline constexpr auto hc2 = "22222222-2222-4222-8222-222222222222";

struct Identity : ::testing::Test {
    ScheduleFixture fixture;

    VmUuid add_vm(std::string const& name) {
        fixture.cluster.add_vm(name);
        return fixture.cluster.vms.back().uuid;
    }
    Manifest& add_copy(std::string const& name, VmUuid const& vm, int days_old, std::string uuid = {},
                       std::string host = {}) {
        Manifest manifest;
        manifest.backup = name;
        manifest.vm_uuid = vm;
        manifest.vm_name = "VM of " + name;
        manifest.scheduled = true;
        manifest.end = ExportEnd::seen;
        manifest.cluster_uuid = std::move(uuid);
        manifest.cluster_host = std::move(host);
        manifest.started = manifest.completed = fixture.time.now() - 24h * days_old;
        manifest.verified = with_verification({}, Level::structure, manifest.completed);
        fixture.catalog.folders.insert(name);
        return fixture.catalog.manifests[name] = manifest;
    }
    LocalPathOwner const other{"second", "backup-2", "/var/lib", fixture.time.now(), false};
    /// The other installation is alive for so long, and writes its file.
    void run_with_other(Milliseconds length) {
        auto& file = fixture.catalog.owners[fixture.cluster.is.uuid];
        for (Milliseconds passed = 0s; passed < length; passed += 10min) {
            auto now = other;
            now.seen = fixture.time.now();
            file = owner_text(now);
            fixture.time.run_for(10min);
        }
    }
    void add_copies_to_prune(VmUuid const& vm) {
        fixture.settings.policy.max_age = config::CivilDuration{30, 0s};
        add_copy("new", vm, 1, fixture.cluster.is.uuid);
        add_copy("old", vm, 90, fixture.cluster.is.uuid);
    }
    /// Why it was refused; empty = it was not.
    std::string prune() {
        auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(true));
        return pruned ? std::string() : pruned.error().context;
    }
    void replace_cluster() { fixture.cluster.is = {hc2, "hc-2"}; }
    bool stands(ConditionKind kind) const {
        auto const all = fixture.conditions->all();
        return std::ranges::find(all, kind, &Condition::kind) != all.end();
    }
};

}  // namespace sb::test
