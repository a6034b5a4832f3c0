#include "common/rpc/message.hpp"

#include "common/json/writer.hpp"

#include <limits>
#include <utility>

namespace sb::rpc {
namespace {

BadCall bad(std::string id, int code, std::string message) {
    return {std::move(id), Fault{code, std::move(message), {}}};
}

std::variant<Call, BadCall> parse_call(json::View value) {
    if (!value.is_object()) return bad("null", invalid_request, "a request must be an object");
    auto const id = value["id"];
    // JSON-RPC 2.0: a string, a number or null. An id that is none of them cannot be given back.
    bool const usable_id = !id.exists() || id.is_string() || id.is_number() || id.is_null();
    if (!usable_id) return bad("null", invalid_request, "id must be a string or a number");
    auto const id_text = id.exists() ? id.dump() : std::string("null");
    if (value["jsonrpc"].string() != "2.0") return bad(id_text, invalid_request, "jsonrpc must be \"2.0\"");
    auto const method = value["method"].string();
    if (!method) return bad(id_text, invalid_request, "method must be a string");
    Call call{std::nullopt, std::string(*method), value["params"]};
    if (id.exists()) call.id = id_text;
    return call;
}

/// The Errc that is nearest to a code of JSON-RPC itself.
Errc errc_of_code(int code) {
    if (code == invalid_params_code) return Errc::invalid_params;
    if (code == parse_error || code == invalid_request || code == method_not_found) return Errc::malformed;
    return Errc::internal;
}

Result<Response> parse_response(json::View root) {
    Response response;
    if (auto const id = root["id"].unsigned_integer()) response.id = *id;
    auto const result = root["result"];
    auto const error = root["error"];
    if (result.exists() == error.exists())
        return Error{Errc::malformed, "the daemon's answer must have either a result or an error"};
    if (result.exists()) {
        response.result = result;
        return response;
    }
    auto const code = error["code"].integer();
    if (!code || *code < std::numeric_limits<int>::min() || *code > std::numeric_limits<int>::max())
        return Error{Errc::malformed, "the daemon's answer has an error without a code"};
    Fault const fault{static_cast<int>(*code), error["message"].text(), error["data"]["code"].text()};
    response.result = error_of(fault);
    return response;
}

}  // namespace

Fault fault_of(Error const& error) {
    return {rpc_code_of(error.code), error.context, std::string(name_of(error.code))};
}

Error error_of(Fault const& fault) {
    auto const named = errc_from_name(fault.name);
    // errc_from_name returns `internal` for an unknown name, too.
    bool const known = !fault.name.empty() && name_of(named) == fault.name;
    auto message = fault.message.empty() ? "error " + std::to_string(fault.code) : fault.message;
    return {known ? named : errc_of_code(fault.code), std::move(message)};
}

RequestLine parse_request_line(std::string_view line) {
    RequestLine request;
    auto parsed = json::Document::parse(line);
    if (!parsed) {
        request.calls.emplace_back(bad("null", parse_error, parsed.error().context));
        return request;
    }
    request.document.emplace(std::move(*parsed));
    auto const root = request.document->root();
    if (!root.is_array()) {
        request.calls.push_back(parse_call(root));
        return request;
    }
    if (root.size() == 0 || root.size() > max_batch) {
        auto const why = root.size() == 0 ? std::string("the batch has no calls")
                                          : "a batch of " + std::to_string(root.size()) + " calls; at most " +
                                                std::to_string(max_batch) + " are allowed";
        request.calls.emplace_back(bad("null", invalid_request, why));
        return request;
    }
    request.batch = true;
    for (auto const element : root.elements()) request.calls.push_back(parse_call(element));
    return request;
}

std::string result_text(std::string_view id, std::string_view result) {
    // Not through Writer: both parts are JSON already, and lists can be long.
    std::string text;
    text.reserve(40 + id.size() + result.size());
    text += R"({"jsonrpc":"2.0","id":)";
    text += id;
    text += R"(,"result":)";
    text += result;
    text += '}';
    return text;
}

std::string error_text(std::string_view id, Fault const& fault) {
    json::Writer out;
    out.begin_object().member("jsonrpc", "2.0").key("id").raw(id).key("error").begin_object();
    out.member("code", fault.code).member("message", fault.message);
    if (!fault.name.empty()) out.key("data").begin_object().member("code", fault.name).end_object();
    out.end_object().end_object();
    return out.take();
}

std::string batch_text(std::vector<std::string> const& responses) {
    if (responses.empty()) return {};
    std::string text = "[";
    for (auto const& response : responses) {
        if (text.size() > 1) text += ',';
        text += response;
    }
    text += ']';
    return text;
}

std::string notification_text(std::string_view method, std::string_view params) {
    json::Writer out;
    out.begin_object().member("jsonrpc", "2.0").member("method", method).key("params").raw(params).end_object();
    return out.take();
}

std::string request_text(std::uint64_t id, std::string_view method, std::string_view params) {
    json::Writer out;
    out.begin_object().member("jsonrpc", "2.0").member("id", id).member("method", method);
    out.key("params").raw(params).end_object();
    return out.take();
}

Result<ServerLine> parse_server_line(std::string_view line) {
    auto parsed = json::Document::parse(line);
    if (!parsed) return while_doing(parsed.error(), "the daemon's answer");
    auto document = std::move(*parsed);
    auto const root = document.root();
    if (root["jsonrpc"].string() != "2.0")
        return Error{Errc::malformed,
                     "the daemon's answer is not JSON-RPC 2.0; another program may be listening there"};
    if (auto const method = root["method"].string()) {
        Notification notification{std::string(*method), root["params"]};
        return ServerLine{std::move(document), std::move(notification)};
    }
    auto response = parse_response(root);
    if (!response) return response.error();
    return ServerLine{std::move(document), std::move(*response)};
}

}  // namespace sb::rpc
