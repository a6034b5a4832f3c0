#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <algorithm>

namespace sb::sim::handlers {
namespace {

void read_into(User& user, json::View from) {
    set(user.username, from["username"]);
    set(user.password, from["password"]);
    set(user.full_name, from["fullName"]);
    set(user.session_limit, from["sessionLimit"]);
    if (from["roleUUIDs"].is_array()) user.role_uuids = read_strings(from["roleUUIDs"]);
}

}  // namespace

Response role_list(Simulator& sim, Request& request) {
    auto const each = [](json::Writer& out, Role const& role) { write(out, role); };
    return listed(request, sim.world.roles, each);
}

Response user_list(Simulator& sim, Request& request) {
    auto const each = [](json::Writer& out, User const& user) { write(out, user); };
    return listed(request, sim.world.users, each);
}

Response user_create(Simulator& sim, Request& request) {
    if (sim.world.user_named(request.json["username"].text())) return internal_error();
    User user;
    read_into(user, request.json);
    user.uuid = sim.world.random.uuid();
    sim.world.users.push_back(user);
    return result("", user.uuid);  // real clusters return no task for users
}

Response user_patch(Simulator& sim, Request& request) {
    auto* user = find_by_uuid(sim.world.users, request.parameters.front());
    if (!user) return no_such("User", request.parameters.front());
    read_into(*user, request.json);
    return result("", user->uuid);
}

Response user_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    std::erase_if(sim.world.users, [&uuid](User const& each) { return each.uuid == uuid; });
    std::erase_if(sim.world.sessions, [&uuid](Session const& each) { return each.user_uuid == uuid; });
    return result("");
}

}  // namespace sb::sim::handlers
