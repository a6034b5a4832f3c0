#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <algorithm>

namespace sb::sim::handlers {

Response cluster_list(Simulator& sim, Request& request) {
    std::vector<ClusterInfo> const one{sim.world.cluster};
    auto const each = [&sim](json::Writer& out, ClusterInfo const& cluster) { write(out, cluster, sim.tasks); };
    return listed(request, one, each);
}

Response cluster_patch(Simulator& sim, Request& request) {
    auto& cluster = sim.world.cluster;
    if (request.parameters.front() != cluster.uuid) return no_such("Cluster", request.parameters.front());
    set(cluster.name, request.json["clusterName"]);
    set(cluster.rest_enabled, request.json["isRESTAPIEnabled"]);
    auto task = sim.task_for(request, "cluster", "Rename cluster to %@", cluster.name, cluster.uuid);
    return result(sim.small_task(std::move(task), nullptr), cluster.uuid);
}

Response cluster_shutdown(Simulator& sim, Request&) {
    for (auto& vm : sim.world.vms) World::power_off(vm);
    return result("");
}

Response node_list(Simulator& sim, Request& request) {
    auto const each = [&sim](json::Writer& out, Node const& node) { write(out, node, sim.world); };
    return listed(request, sim.world.nodes, each);
}

Response drive_list(Simulator& sim, Request& request) {
    json::Writer out;
    out.begin_array();
    for (auto const& node : sim.world.nodes)
        for (auto const& drive : node.drives)
            if (request.parameters.empty() || drive.uuid == request.parameters.front()) write(out, drive, node.uuid);
    out.end_array();
    return json_answer(out.take());
}

Response condition_list(Simulator& sim, Request& request) {
    json::Writer out;
    out.begin_array();
    for (auto const& condition : sim.world.conditions)
        if (request.parameters.empty() || condition.name == request.parameters.front())
            write(out, condition, sim.now());
    out.end_array();
    return json_answer(out.take());
}

Response condition_filter(Simulator& sim, Request& request) {
    auto const asks = [&request](char const* name) {
        auto const found = request.query.find(name);
        return found != request.query.end() && found->second == "true";
    };
    auto const name = request.query.find("name");
    json::Writer out;
    out.begin_array();
    for (auto const& condition : sim.world.conditions) {
        bool const by_state = asks("includeSet") || asks("includeNotOK");
        bool const wanted = (asks("includeSet") && condition.value) || (asks("includeNotOK") && !condition.ok);
        if (by_state && !wanted) continue;
        if (name != request.query.end() && name->second != condition.name) continue;
        write(out, condition, sim.now());
    }
    out.end_array();
    return json_answer(out.take());
}

Response empty_list(Simulator&, Request&) { return json_answer("[]"); }

Response update_status(Simulator& sim, Request&) {
    if (sim.world.update.phase == UpdatePhase::never) return html_error(404, "Not Found");
    json::Writer out;
    write(out, sim.world.update, sim.update_responses++);
    return json_answer(out.take());
}

}  // namespace sb::sim::handlers
