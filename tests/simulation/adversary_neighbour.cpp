#include "tests/simulation/adversary_neighbour.hpp"

#include <utility>

namespace sb::test::adversary {

Neighbour::Neighbour(World& around, bool same_cluster)
    : world(around),
      is_twin(same_cluster),
      gate(around.io),
      own_cluster(around.time),
      hooks(around.time),
      gated_cluster(cluster(), gate, *this),
      gated_catalog(gate, *this),
      gated_journal(journal, gate, *this),
      gated_hooks(hooks, gate, *this) {
    own_cluster.is = {"22222222-2222-4222-8222-222222222222", "hc-2"};
    own_cluster.node = "other.cluster";
    own_cluster.length = 25min;
    own_cluster.show_clock(world.time.now() - world.wrong_by);
    // Their names are those of the first cluster's VMs, so its backups' names are, too.
    for (auto const* const name : {"VM1", "VM2"}) {
        own_cluster.add_vm(name);
        own_cluster.vms.back().uuid = VmUuid{std::string("other-") + name};
    }
    own_cluster.on_begin = [this](FakeCluster::Run const& run) { world.begun_at(own_cluster, run); };
    own_settings.configured = true;
    own_settings.settings.timing.window = {0h, 0h};
    own_settings.settings.timing.interval = {1, 0s};
    own_settings.settings.slots = 1;
    own_settings.policy.max_backups = 2;
}

Neighbour::~Neighbour() { bury(); }

void Neighbour::ordered(ports::ExportOrder const& order) { world.ordered_by(*this, cluster(), journal, order); }

void Neighbour::changed(core::Job const& job) {
    bool const has_ended = job.phase == core::Phase::finished && ended.insert(job.id).second;
    bool const is_backup = job.kind == core::JobKind::backup && job.outcome == core::Outcome::succeeded;
    if (has_ended && is_backup) world.check_success(job);
}

void Neighbour::start() {
    if (life) bury();
    gate.open();
    Place place{world.io.get_executor(),
                world.time,
                gate,
                gated_cluster,
                gated_catalog,
                gated_journal,
                gated_hooks,
                alerts,
                world.zone,
                is_twin ? "spare" : "nas-2",
                "boot of the neighbour",
                is_twin ? world.settings : own_settings,
                world.undelete_for,
                world.limits,
                is_twin ? "the second installation" : "the other cluster's installation",
                [this] { return world.catalog.landed; }};
    place.changed = [this](core::Job const& job) { changed(job); };
    place.crashed = [this](std::string const& what) { world.broken('x', "a neighbour crashed: " + what); };
    life = std::make_unique<Life>(std::move(place));
    life->start();
}

void Neighbour::bury() {
    if (!life) return;
    life->bury();
    life.reset();
}

void Neighbour::kill() {
    if (!life) return;
    gate.kill();
    bury();
}

void Neighbour::stop() {
    if (!life) return;
    life->stop();
    bury();
}

}  // namespace sb::test::adversary
