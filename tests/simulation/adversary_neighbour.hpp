#pragma once
// Another daemon on the adversary's share, with a separate journal: for another cluster, which is no problem, or a
// second installation for the same one, which must order and delete nothing while the first one is alive.

#include "tests/simulation/adversary.hpp"

#include <memory>
#include <set>
#include <string>

namespace sb::test::adversary {

struct Neighbour final : Observer {
    Neighbour(World& around, bool same_cluster);
    ~Neighbour() override;

    bool is_up() const { return life != nullptr && gate.is_open() && life->is_up; }
    void start();
    void stop();
    void kill();
    FakeCluster& cluster() { return is_twin ? world.cluster : own_cluster; }
    FakeCluster const& cluster() const { return is_twin ? world.cluster : own_cluster; }

    // ---- Observer
    FakeCatalog& share() override { return world.share(); }
    void ordered(ports::ExportOrder const& order) override;
    void importing(ports::ImportOrder const&) override {}
    void hide(ports::Vms&) override {}
    std::optional<Error> why_not_whole(std::string const& folder) override { return world.why_not_whole(folder); }
    std::optional<Error> why_not_removable() override { return world.why_not_removable(); }
    void removing(std::string const& folder) override { world.removing_by(*this, folder); }
    void looking(std::string const& folder) override { world.looking(folder); }
    void discarding(std::string const& landing) override { world.discarding_by(*this, journal, landing); }
    void rename_answered(Result<std::string> const&) override {}
    task<void> write() override { co_return; }
    void wrote(bool) override {}
    bool lies_about_write() override { return false; }
    void hook_ran(HookKind, ports::HookVariables const&) override {}
    task<void> hang() override { return world.hang(); }
    void refused_write() override {}
    void update_shown() override {}

    World& world;
    bool const is_twin;
    Gate gate;
    FakeCluster own_cluster;
    FakeJournal journal;
    FakeHooks hooks;
    FakeAlerts alerts;
    GatedCluster gated_cluster;
    GatedCatalog gated_catalog;
    GatedJournal gated_journal;
    GatedHooks gated_hooks;
    engine::ScheduleSettings own_settings;
    std::unique_ptr<Life> life;
    std::set<JobId> ended;

private:
    void changed(core::Job const& job);
    void bury();
};

}  // namespace sb::test::adversary
