// What faults make of an answer.

#include "tests/simulator/api/server.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"

#include <algorithm>
#include <functional>

namespace sb::sim {
namespace {

/// Writes `value` again; `change` may write something else and return true.
using Change = std::function<bool(json::Writer&, std::string_view key, json::View value)>;

void rewrite(json::Writer& out, std::string_view key, json::View value, Change const& change) {
    if (change(out, key, value)) return;
    if (value.is_object()) {
        out.begin_object();
        for (auto const& [name, member] : value.members()) {
            out.key(name);
            rewrite(out, name, member, change);
        }
        out.end_object();
    } else if (value.is_array()) {
        out.begin_array();
        for (auto const element : value.elements()) rewrite(out, "", element, change);
        out.end_array();
    } else {
        out.raw(value.dump());
    }
}

void rewrite_body(Response& response, Change const& change) {
    auto const document = json::Document::parse(response.body);
    if (!document) return;
    json::Writer out;
    rewrite(out, "", document->root(), change);
    response.body = out.take();
}

bool swap_type(json::Writer& out, std::string_view, json::View value) {
    if (value.is_string()) return out.integer(42), true;
    if (value.is_number()) return out.string("forty-two"), true;
    return false;
}

void show_task(Response& response, std::string const& state, int progress) {
    auto const change = [&state, progress](json::Writer& out, std::string_view key, json::View) {
        if (key == "state") return out.string(state), true;
        if (key == "progressPercent" && progress >= 0) return out.integer(progress), true;
        if (key == "completed" && state != "COMPLETE") return out.integer(0), true;
        return false;
    };
    rewrite_body(response, change);
}

int progress_of(Response const& response) {
    auto const document = json::Document::parse(response.body);
    return document ? static_cast<int>(document->root().at(0)["progressPercent"].integer().value_or(0)) : 0;
}

std::string state_of(Response const& response) {
    auto const document = json::Document::parse(response.body);
    return document ? document->root().at(0)["state"].text() : "";
}

void keep_first(Response& response, int times, bool as_array) {
    auto const document = json::Document::parse(response.body);
    if (!document || document->root().size() == 0) return;
    auto elements = document->root().elements();
    std::string body = as_array ? "[" : "";
    for (int i = 0; i < times; ++i) body += (i > 0 ? "," : "") + elements.front().dump();
    for (std::size_t i = 1; as_array && i < elements.size(); ++i) body += "," + elements[i].dump();
    response.body = body + (as_array ? "]" : "");
}

void alter(Response& response, Fault const& fault) {
    auto const& kind = fault.kind;
    if (kind == "garbage") response.body = "\x01\x02<<not json>>\xff\xfe";
    if (kind == "truncated_json") response.body.resize(response.body.size() / 2);
    if (kind == "wrong_types") rewrite_body(response, swap_type);
    if (kind == "not_an_array") keep_first(response, 1, false);
    if (kind == "duplicate") keep_first(response, 2, true);
    if (kind == "empty_list") response.body = "[]";
    if (kind == "task_state") show_task(response, fault.text, -1);
    if (kind == "task_frozen" && (progress_of(response) >= fault.percent || state_of(response) == "COMPLETE"))
        show_task(response, "RUNNING", fault.percent);
    if (kind == "task_backwards" && state_of(response) == "RUNNING")
        show_task(response, "RUNNING", std::max(0, 100 - static_cast<int>(fault.struck) * 10));  // whatever is true
    if (kind == "oversize" && static_cast<std::int64_t>(response.body.size()) < fault.bytes)
        response.body.resize(static_cast<std::size_t>(fault.bytes), ' ');
}

}  // namespace

void alter(Response& response, std::vector<Fault> const& faults) {
    for (auto const& fault : faults) alter(response, fault);
}

std::optional<Response> replacement(std::vector<Fault> const& faults) {
    for (auto const& fault : faults) {
        Response response;
        if (fault.kind == "html_502") return html_error(502, "Bad Gateway");
        if (fault.kind == "json_error") return refuse(500, "An internal error occurred");
        if (fault.kind == "plain_400") {
            response = {400, "text/plain", refusal_as_text({"/target/pathURI: value does not match"}), {}};
        } else if (fault.kind == "redirect") {
            response = {302, "text/html", "", {{"Location", fault.text.empty() ? "/login" : fault.text}}};
        } else if (fault.kind == "status") {
            auto const words = fault.status == 500 ? "An internal error occurred" : reason_of(fault.status);
            response = refuse(fault.status, words);
            if (!fault.body.empty()) response.body = fault.body;
            if (!fault.content_type.empty()) response.content_type = fault.content_type;
        } else {
            continue;
        }
        return response;
    }
    return std::nullopt;
}

}  // namespace sb::sim
