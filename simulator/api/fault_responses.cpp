// Responses that a fault sends in place of the call's own, and the Date header, which faults may change.

#include "simulator/api/server.hpp"

namespace sb::sim {
namespace {

/// A cluster that has too much to do. Which of the three a real one sends depends on the version and on who refuses:
/// the vendor's clients retry a 400 with an error text, the front server knows 429 and 503.
Response overloaded(Fault const& fault) {
    int const status = fault.status == 0 ? 429 : fault.status;
    std::string text = status == 503 ? "Service temporarily unavailable" : "Too many requests, please try again later";
    if (!fault.text.empty()) text = fault.text;
    auto response = refuse(status, text);
    if (fault.seconds > 0)
        response.headers.emplace_back("Retry-After", std::to_string(static_cast<std::int64_t>(fault.seconds)));
    return response;
}

}  // namespace

Response status_of(Fault const& fault) {
    auto const message = fault.status == 500 ? "An internal error occurred" : reason_of(fault.status);
    auto response = refuse(fault.status, message);
    if (!fault.body.empty()) response.body = fault.body;
    if (!fault.content_type.empty()) response.content_type = fault.content_type;
    return response;
}

std::optional<Response> replacement(std::vector<Fault> const& faults) {
    for (auto const& fault : faults) {
        Response response;
        if (fault.kind == "html_502") return html_error(502, "Bad Gateway");
        if (fault.kind == "json_error") return refuse(500, "An internal error occurred");
        if (fault.kind == "overload") return overloaded(fault);
        if (fault.kind == "plain_400") {
            response = {400, "text/plain", refusal_as_text({"/target/pathURI: value does not match"}), {}};
        } else if (fault.kind == "redirect") {
            response = {302, "text/html", "", {{"Location", fault.text.empty() ? "/login" : fault.text}}};
        } else if (fault.kind == "status") {
            response = status_of(fault);
        } else {
            continue;
        }
        return response;
    }
    return std::nullopt;
}

void add_date(Response& response, std::vector<Fault> const& faults, std::int64_t now) {
    std::string text;
    for (auto const& fault : faults) {
        if (fault.kind == "date_missing") return;
        if (fault.kind == "date_invalid") text = fault.text.empty() ? "yesterday" : fault.text;
        if (fault.kind == "date_skew" || fault.kind == "skew") now += static_cast<std::int64_t>(fault.seconds);
    }
    response.headers.emplace_back("Date", text.empty() ? http_date(now) : text);
}

}  // namespace sb::sim
