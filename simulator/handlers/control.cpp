// Calls that a real cluster does not have: controls and statistics for tests, without a login.

#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <utility>

namespace sb::sim::handlers {
namespace {

template <class Key>
void write_counts(json::Writer& out, char const* name, std::map<Key, std::uint64_t> const& counts) {
    out.key(name).begin_object();
    for (auto const& [key, count] : counts) {
        if constexpr (std::is_same_v<Key, int>) {
            out.member(std::to_string(key), count);
        } else {
            out.member(key, count);
        }
    }
    out.end_object();
}

}  // namespace

Response control_faults(Simulator& sim, Request&) {
    json::Writer out;
    sim.faults.write(out);
    return json_answer(out.take());
}

Response control_add_faults(Simulator& sim, Request& request) {
    auto const ids = sim.faults.add(request.json);
    if (!ids) return refuse(400, ids.error().context);
    json::Writer out;
    out.begin_array();
    for (auto const& id : *ids) out.string(id);
    out.end_array();
    return json_answer(out.take());
}

Response control_clear_faults(Simulator& sim, Request& request) {
    if (request.parameters.empty()) {
        sim.faults.clear();
    } else if (!sim.faults.remove(request.parameters.front())) {
        return refuse(400, "no such fault");
    }
    return json_answer("{}");
}

Response control_stats(Simulator& sim, Request&) {
    auto const& stats = sim.stats;
    json::Writer out;
    out.begin_object().member("requests", stats.requests);
    write_counts(out, "by_route", stats.by_route);
    write_counts(out, "by_status", stats.by_status);
    out.member("connections", stats.connections).member("closed_by_server", stats.closed_by_server);
    out.key("handshakes").begin_object().member("full", stats.full_handshakes);
    out.member("resumed", stats.resumed_handshakes).member("failed", stats.failed_handshakes).end_object();
    std::map<std::string, std::uint64_t> states;
    for (auto const* task : sim.tasks.all()) ++states[std::string(name_of(task->state))];
    write_counts(out, "tasks", states);
    out.key("transfers").begin_object().member("running", static_cast<std::uint64_t>(sim.desk.running()));
    out.member("waiting", static_cast<std::uint64_t>(sim.desk.waiting()));
    out.member("held", static_cast<std::uint64_t>(sim.desk.held())).end_object();
    out.member("sessions", static_cast<std::uint64_t>(sim.world.sessions.size())).end_object();
    return json_answer(out.take());
}

Response control_reset_stats(Simulator& sim, Request&) {
    sim.stats = {};
    sim.log.clear();
    return json_answer("{}");
}

Response control_requests(Simulator& sim, Request&) {
    json::Writer out;
    out.begin_array();
    for (auto const& logged : sim.log) {
        out.begin_object().member("node", logged.node).member("method", logged.method).member("target", logged.target);
        out.member("authorization", logged.authorization).member("body", logged.body).end_object();
    }
    out.end_array();
    return json_answer(out.take());
}

Response control_settled(Simulator& sim, Request& request) {
    auto later = std::make_shared<Later>();
    request.later = later;
    sim.tasks.when_all_ended([later] { later->give(json_answer("{}")); });
    return {};
}

Response control_cluster(Simulator& sim, Request& request) {
    auto& cluster = sim.world.cluster;
    auto const before = cluster.uuid;
    set(cluster.uuid, request.json["uuid"]);
    set(cluster.name, request.json["clusterName"]);
    set(cluster.version, request.json["icosVersion"]);
    if (cluster.uuid != before) sim.world.sessions.clear();  // another cluster does not know them
    json::Writer out;
    write(out, cluster, sim.tasks);
    return json_answer(out.take());
}

Response control_clock(Simulator& sim, Request& request) {
    auto const seconds = request.json["seconds"].integer();
    if (!seconds) return refuse(400, "\"seconds\" is missing");
    sim.shift_clock(*seconds);
    return json_answer("{}");
}

Response control_update(Simulator& sim, Request& request) {
    auto status = read_update_status(request.json);
    if (!status) return refuse(400, status.error().context);
    sim.world.set_update(std::move(*status));
    return json_answer("{}");
}

Response control_release(Simulator& sim, Request& request) {
    auto const tag = request.parameters.empty() ? std::string() : request.parameters.front();
    auto const released = sim.desk.release(tag);
    if (released.empty() && !tag.empty()) return refuse(400, "task " + tag + " is not held");
    json::Writer out;
    out.begin_array();
    for (auto const& each : released) out.string(each);
    out.end_array();
    return json_answer(out.take());
}

Response control_mutate(Simulator& sim, Request& request) {
    auto const* vm = sim.world.vm(request.parameters.front());
    if (!vm) return no_such("Virtual machine", request.parameters.front());
    auto const written = sim.mutate(*vm, request.json["share"].number().value_or(0.001));
    if (!written) return refuse(500, written.error().context);
    json::Writer out;
    out.begin_object().member("bytes", *written).end_object();
    return json_answer(out.take());
}

Response control_disks(Simulator& sim, Request& request) {
    auto const* vm = sim.world.vm(request.parameters.front());
    if (!vm) return no_such("Virtual machine", request.parameters.front());
    json::Writer out;
    out.begin_array();
    for (auto const& device : vm->devices) {
        if (!device.is_disk()) continue;
        out.begin_object().member("uuid", device.uuid).member("capacity", device.capacity);
        out.member("file", sim.disks.disk(device.uuid).string()).end_object();
    }
    out.end_array();
    return json_answer(out.take());
}

}  // namespace sb::sim::handlers
