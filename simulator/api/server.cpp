#include "simulator/api/server.hpp"

#include <algorithm>

namespace sb::sim {
namespace {

bool any(std::vector<Fault> const& faults, std::string_view kind) {
    return std::any_of(faults.begin(), faults.end(), [kind](Fault const& fault) { return fault.kind == kind; });
}

bool is_control(std::string_view path) { return path.starts_with("/sim/"); }

std::string cookie_value(std::string_view cookies, std::string_view name) {
    while (!cookies.empty()) {
        auto pair = cookies.substr(0, cookies.find(';'));
        cookies.remove_prefix(std::min(cookies.size(), pair.size() + 1));
        while (pair.starts_with(' ')) pair.remove_prefix(1);
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
            return std::string(pair.substr(name.size() + 1));
    }
    return "";
}

/// The VM of a call: by its path, or by the task that it requests.
FaultContext fault_context(Simulator& sim, Request const& request, Match const& match) {
    FaultContext context{request.method, request.path, "", "", "", request.node};
    if (!match.route) return context;
    context.call = match.route->call;
    std::string uuid = match.parameters.empty() ? "" : match.parameters.front();
    if (match.route->call == "task_get") {
        auto const* task = sim.tasks.find(uuid);
        uuid = task ? task->object_uuid : "";
        if (task && !task->parameters.empty()) context.vm_name = task->parameters.back();
    }
    if (auto const* vm = sim.world.vm(uuid)) context.vm_name = vm->name;
    context.vm_uuid = uuid;
    return context;
}

}  // namespace

std::vector<Fault> Server::on_connection(int node) {
    if (node == 0) return {};
    return sim_.faults.inject(FaultStage::connection, FaultContext{"", "", "", "", "", node});
}

UploadPlace Server::place_of(Request& request) {
    auto const match = find_route(request.method, request.path);
    if (!match.route || match.route->body != Body::upload) return {};
    UploadPlace place;
    if (auto refused = authenticate(request, *match.route); refused.status != 200) {
        place.refusal = std::move(refused);
        return place;
    }
    place = begin_upload(sim_, request, std::string(match.route->call));
    place.faults = sim_.faults.inject(FaultStage::upload, fault_context(sim_, request, match));
    return place;
}

std::vector<Fault> Server::judge(Request const& request) {
    if (is_control(request.path) || request.node == 0) return {};
    auto const match = find_route(request.method, request.path);
    ++sim_.stats.requests;
    ++sim_.stats.by_route[request.method + " " + (match.route ? std::string(match.route->pattern) : request.path)];
    sim_.log.push_back({request.node, request.method, request.target, request.authorization, request.body});
    if (sim_.log.size() > log_limit_) sim_.log.pop_front();
    return sim_.faults.inject(FaultStage::request, fault_context(sim_, request, match));
}

double Server::delay_of(std::vector<Fault> const& faults) {
    double seconds = 0;
    for (auto const& fault : faults)
        if (fault.kind == "delay") seconds += fault.seconds;
    return seconds;
}

void Server::trouble_node(Request const& request, std::vector<Fault> const& faults) {
    for (auto const& fault : faults)
        if (fault.kind == "outage" || fault.kind == "outage_after" || fault.kind == "new_certificate")
            sim_.trouble_node(request.node, fault);
}

Delivery Server::serve(Request& request, std::vector<Fault> faults) {
    Delivery delivery;
    delivery.faults = std::move(faults);
    delivery.counted = !is_control(request.path) && request.node != 0;
    if (any(delivery.faults, "hang")) delivery.mode = DeliveryMode::silent;
    if (any(delivery.faults, "close")) delivery.mode = DeliveryMode::closed;
    if (any(delivery.faults, "reset")) delivery.mode = DeliveryMode::reset;
    if (any(delivery.faults, "outage") || any(delivery.faults, "new_certificate")) delivery.mode = DeliveryMode::closed;
    trouble_node(request, delivery.faults);
    if (delivery.mode != DeliveryMode::whole) return delivery;
    if (any(delivery.faults, "expire_sessions")) sim_.world.sessions.clear();
    auto fixed = replacement(delivery.faults);
    auto response = fixed ? std::move(*fixed) : answer(request, any(delivery.faults, "forbidden"));
    if (any(delivery.faults, "lose_answer") || any(delivery.faults, "outage_after"))
        delivery.mode = DeliveryMode::closed;
    if (any(delivery.faults, "hang_after")) delivery.mode = DeliveryMode::silent;
    delivery.later = request.later;
    if (!delivery.later) finish(delivery, std::move(response));
    return delivery;
}

void Server::finish(Delivery& delivery, Response response) {
    alter(response, delivery.faults);
    add_date(response, delivery.faults, sim_.now());
    for (auto const& fault : delivery.faults) {
        if (fault.kind == "delay_answer") delivery.delay_seconds += fault.seconds;
        if (fault.kind == "cut_body") delivery.mode = DeliveryMode::cut;
        if (fault.kind == "reset_body") delivery.mode = DeliveryMode::cut_reset;
        for (auto const* framing : {"long_length", "short_length", "http10", "bad_chunks"})
            if (fault.kind == framing) delivery.framing = fault.kind;
        if (fault.kind == "drip") {
            delivery.mode = DeliveryMode::drip;
            delivery.drip_rate = std::max<std::int64_t>(1, fault.bytes);
        }
    }
    if (delivery.counted) ++sim_.stats.by_status[response.status];
    delivery.response = std::move(response);
}

Response Server::authenticate(Request& request, Route const& route) {
    if (route.permission.empty()) return {};
    User const* user = nullptr;
    auto const session_id = cookie_value(request.cookie, "sessionID");
    if (request.authorization.starts_with("Basic ")) {
        auto const pair = base64_decoded(std::string_view(request.authorization).substr(6));
        auto const colon = pair.find(':');
        auto const* named = sim_.world.user_named(pair.substr(0, colon));
        if (named && colon != std::string::npos && named->password == pair.substr(colon + 1)) user = named;
    }
    if (!user) {
        std::erase_if(sim_.world.sessions, [this](Session const& session) { return session.expires <= sim_.now(); });
        for (auto const& session : sim_.world.sessions) {
            if (session.id != session_id) continue;
            user = find_by_uuid(sim_.world.users, session.user_uuid);
            request.session_id = session.id;
        }
    }
    if (!user) return refuse(sim_.behaviour.session_errors_are_503 ? 503 : 401, "Valid session required");
    request.user_uuid = user->uuid;
    if (!sim_.world.may(*user, permission_for(route))) return lacks_permission(route);
    return {};
}

std::string_view Server::permission_for(Route const& route) const {
    bool const identity = route.call == "cluster_list" || route.call == "cluster_get";
    return identity ? std::string_view(sim_.behaviour.cluster_permission) : route.permission;
}

Response Server::lacks_permission(Route const& route) const {
    return refuse(403, "User does not have the permission \"" + std::string(permission_for(route)) + "\"");
}

Response Server::answer(Request& request, bool forbidden) {
    auto match = find_route(request.method, request.path);
    if (!match.path_known) return html_error(404, "Not Found");
    if (!match.route) return refuse(405, "Method not allowed");
    if (forbidden) return lacks_permission(*match.route);
    request.parameters = std::move(match.parameters);
    if (auto refused = authenticate(request, *match.route); refused.status != 200) return refused;
    if (!request.query.empty() && !match.route->takes_query && !is_control(request.path))
        return refuse(400, "Query parameter \"" + request.query.begin()->first + "\" is not supported");
    return checked_call(request, *match.route);
}

Response Server::checked_call(Request& request, Route const& route) {
    std::optional<json::Document> document;
    bool const wants_json =
        route.body == Body::object || route.body == Body::array_of_objects || route.body == Body::any;
    std::vector<std::string> problems;
    if (wants_json && !(route.body == Body::any && request.body.empty())) {
        auto parsed = json::Document::parse(request.body);
        if (parsed) {
            document.emplace(std::move(*parsed));
            request.json = document->root();
        } else {
            problems.push_back("/: the body is not JSON: " + parsed.error().context);
        }
    }
    if (problems.empty() && route.body == Body::object) problems = problems_of(route.schema(), request.json);
    if (problems.empty() && route.body == Body::array_of_objects) {
        if (!request.json.is_array()) problems.push_back("/: expected array");
        for (auto const element : request.json.elements())
            for (auto& problem : problems_of(route.schema(), element)) problems.push_back(std::move(problem));
    }
    if (problems.empty()) return route.handler(sim_, request);
    Response response;
    response.status = 400;
    response.body = sim_.behaviour.plain_text_400 ? refusal_as_text(problems) : refusal_as_json(problems);
    if (sim_.behaviour.plain_text_400) response.content_type = "text/plain";
    return response;
}

}  // namespace sb::sim
