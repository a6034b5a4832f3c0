#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <algorithm>

namespace sb::sim::handlers {

Response iso_list(Simulator& sim, Request& request) {
    auto const each = [](json::Writer& out, Iso const& iso) { write(out, iso); };
    return listed(request, sim.world.isos, each);
}

Response iso_create(Simulator& sim, Request& request) {
    Iso iso{.uuid = sim.world.random.uuid()};
    set(iso.name, request.json["name"]);
    set(iso.size, request.json["size"]);
    set(iso.ready, request.json["readyForInsert"]);
    auto const same_name = [&iso](Iso const& each) { return each.name == iso.name; };
    if (std::any_of(sim.world.isos.begin(), sim.world.isos.end(), same_name)) return internal_error();
    sim.world.isos.push_back(iso);
    auto task = sim.task_for(request, "iso", "Create ISO %@", iso.name, iso.uuid);
    return result(sim.small_task(std::move(task), nullptr), iso.uuid);
}

Response iso_patch(Simulator& sim, Request& request) {
    auto* iso = find_by_uuid(sim.world.isos, request.parameters.front());
    if (!iso) return no_such("ISO", request.parameters.front());
    set(iso->name, request.json["name"]);
    set(iso->size, request.json["size"]);
    set(iso->ready, request.json["readyForInsert"]);
    auto task = sim.task_for(request, "iso", "Modify ISO %@", iso->name, iso->uuid);
    return result(sim.small_task(std::move(task), nullptr), iso->uuid);
}

Response iso_data(Simulator& sim, Request& request) {
    auto* iso = find_by_uuid(sim.world.isos, request.parameters.front());
    std::error_code ignored;
    std::filesystem::remove(request.body_file, ignored);  // it cannot be downloaded, so its length is enough
    if (!iso) return no_such("ISO", request.parameters.front());
    iso->size = static_cast<std::int64_t>(request.body_bytes);
    return json_answer("{}");
}

Response iso_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    auto const* iso = find_by_uuid(sim.world.isos, uuid);
    if (!iso) return no_such("ISO", uuid);
    auto task = sim.task_for(request, "iso", "Delete ISO %@", iso->name, uuid);
    std::erase_if(sim.world.isos, [&uuid](Iso const& each) { return each.uuid == uuid; });
    return result(sim.small_task(std::move(task), nullptr));
}

}  // namespace sb::sim::handlers
