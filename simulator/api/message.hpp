#pragma once
// A request as a handler sees it, and its response. Independent of any HTTP library.

#include "common/json/document.hpp"
#include "simulator/world/model.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::sim {

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// A response that is not available yet. give() supplies it; `wake` notifies the session.
struct Later {
    std::optional<Response> response;
    std::function<void()> wake;

    void give(Response answer) {
        response = std::move(answer);
        if (wake) wake();
    }
};

struct Request {
    int node = 1;  ///< the address that received it; 0 = the control address, where no faults apply
    std::string method;
    std::string target;  ///< as received
    std::string path;    ///< without query and trailing empty components
    std::map<std::string, std::string> query;
    std::string authorization;  ///< the header's value
    std::string cookie;
    bool chunked = false;
    std::optional<std::uint64_t> content_length;
    std::string body;
    std::string body_file;  ///< an upload's body, already on disk; "" for all others
    std::uint64_t body_bytes = 0;

    // filled in while it is processed
    std::vector<std::string> parameters;  ///< the values of the route's {}
    json::View json;                      ///< of the body, checked against the route's schema
    std::string session_id;
    std::string user_uuid;
    std::shared_ptr<Later> later;  ///< a handler sets it to respond later; its return value is ignored then
};

/// Splits the target; decodes percent-encoding in the query, not in the path.
void read_target(Request& request, std::string target);
std::string percent_decoded(std::string_view text);
std::string base64_decoded(std::string_view text);

Response json_answer(std::string body);
Response refuse(int status, std::string_view message);
/// The API's Result object.
Response result(std::string_view task_tag, std::string_view created_uuid = "");
Response html_error(int status, std::string_view title);
std::string_view reason_of(int status);
/// "Sun, 06 Nov 1994 08:49:37 GMT": the Date header's form of Unix seconds.
std::string http_date(std::int64_t seconds);

}  // namespace sb::sim
