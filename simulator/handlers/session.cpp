#include "simulator/api/handlers.hpp"

#include "common/json/writer.hpp"

#include <algorithm>

namespace sb::sim::handlers {

Response ping(Simulator&, Request&) { return json_answer(R"({"status":"Active"})"); }

Response login(Simulator& sim, Request& request) {
    auto* user = sim.world.user_named(request.json["username"].text());
    if (!user || user->password != request.json["password"].text()) return refuse(401, "Invalid username or password");
    auto& sessions = sim.world.sessions;
    auto const mine = [user](Session const& session) { return session.user_uuid == user->uuid; };
    auto count = std::count_if(sessions.begin(), sessions.end(), mine);
    // No source defines a login beyond the limit; here it ends the oldest session.
    for (; user->session_limit > 0 && count >= user->session_limit; --count)
        sessions.erase(std::find_if(sessions.begin(), sessions.end(), mine));
    Session const session{sim.world.random.uuid(), user->uuid, sim.now() + sim.behaviour.session_seconds};
    sessions.push_back(session);
    json::Writer out;
    out.begin_object().member("sessionID", session.id).end_object();
    auto response = json_answer(out.take());
    response.headers.emplace_back("Set-Cookie", "sessionID=" + session.id + "; Path=/");
    return response;
}

Response logout(Simulator& sim, Request& request) {
    auto const mine = [&request](Session const& session) { return session.id == request.session_id; };
    std::erase_if(sim.world.sessions, mine);
    return json_answer("{}");
}

}  // namespace sb::sim::handlers
