#include "simulator/api/handlers.hpp"

namespace sb::sim::handlers {
namespace {

struct Effect {
    bool allowed = true;
    std::string description;
    Timeline::Event event;
};

Effect effect_of(Simulator& sim, Vm const& vm, std::string const& action, std::string const& node) {
    auto const uuid = vm.uuid;
    bool const off = vm.state == "SHUTOFF" || vm.state == "CRASHED";
    auto const on_vm = [&sim, uuid](auto change) {
        return [&sim, uuid, change] {
            if (auto* found = sim.world.vm(uuid)) change(sim, *found);
        };
    };
    auto const start = [](Simulator& s, Vm& found) { s.world.power_on(found); };
    auto const stop = [](Simulator&, Vm& found) { World::power_off(found); };
    auto const pause = [](Simulator&, Vm& found) { found.state = "PAUSED"; };
    auto const migrate = [node](Simulator& s, Vm& found) {
        if (find_by_uuid(s.world.nodes, node)) found.node_uuid = found.last_node_uuid = node;
    };
    if (action == "START") return {true, "Start Virtual Machine %@", on_vm(start)};
    // A VM that is off may be stopped: the vendor's own modules do this before each removal.
    if (action == "STOP") return {true, "Stop Virtual Machine %@", on_vm(stop)};
    if (action == "PAUSE") return {!off, "Pause Virtual Machine %@", on_vm(pause)};
    if (action == "LIVEMIGRATE") return {!off, "Migrate Virtual Machine %@", on_vm(migrate)};
    if (action == "REBOOT" || action == "RESET") return {!off, "Restart Virtual Machine %@", nullptr};
    return {!off, "Interrupt Virtual Machine %@", nullptr};
}

void shut_down(Simulator& sim, Vm& vm) {
    vm.state = "SHUTDOWN";
    auto const off = [&sim, uuid = vm.uuid] {
        if (auto* found = sim.world.vm(uuid); found && found->state == "SHUTDOWN") World::power_off(*found);
    };
    sim.timeline.after(sim.behaviour.shutdown_time, off);
}

}  // namespace

Response vm_action(Simulator& sim, Request& request) {
    std::string tag;
    for (auto const element : request.json.elements()) {
        auto const uuid = element["virDomainUUID"].text();
        auto* vm = sim.world.vm(uuid);
        if (!vm) return no_such("Virtual machine", uuid);
        auto const action = element["actionType"].text();
        if (action == "SHUTDOWN") {
            if (vm->state != "RUNNING") return internal_error();
            shut_down(sim, *vm);
            continue;  // no task: the guest decides when it is off
        }
        auto effect = effect_of(sim, *vm, action, element["nodeUUID"].text());
        if (!effect.allowed) return internal_error();
        auto task = sim.task_for(request, "action", effect.description, vm->name, uuid);
        tag = sim.small_task(std::move(task), std::move(effect.event));
    }
    return result(tag);
}

}  // namespace sb::sim::handlers
