#pragma once
// JSON-RPC 2.0 messages as values: requests, responses, errors, notifications and batches. Texts have no line end;
// framing.hpp knows about lines. A View in a message lives as long as the message's document.

#include "common/error.hpp"
#include "common/json/document.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sb::rpc {

/// The codes that JSON-RPC 2.0 reserves.
enum StandardCode : int {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params_code = -32602,
    internal_error = -32603,
};

/// The error object of a response.
struct Fault {
    int code = internal_error;
    std::string message;  ///< for people
    std::string name;     ///< data.code: name_of(Errc); empty for the protocol's own errors
};

Fault fault_of(Error const& error);
/// The inverse. A fault without a known name becomes the nearest Errc.
Error error_of(Fault const& fault);

/// How many calls one batch may hold.
inline constexpr std::size_t max_batch = 32;

// ---- the daemon's side ----------------------------------------------------------------------------

/// One call of a line. `id` is JSON text, returned unchanged; without one the caller wants no answer.
struct Call {
    std::optional<std::string> id;
    std::string method;
    json::View params;  ///< may be nothing
};

/// A call that cannot be made: its response is an error with this id.
struct BadCall {
    std::string id = "null";
    Fault fault;
};

/// One line of a client.
struct RequestLine {
    std::optional<json::Document> document;  ///< nothing if the line is not JSON
    bool batch = false;                      ///< the responses go into one array
    std::vector<std::variant<Call, BadCall>> calls;
};

/// Total: a line that is not JSON, or not a request, is one BadCall.
RequestLine parse_request_line(std::string_view line);

/// `id` and `result` are JSON text.
std::string result_text(std::string_view id, std::string_view result);
std::string error_text(std::string_view id, Fault const& fault);
/// Several responses as one; "" for none.
std::string batch_text(std::vector<std::string> const& responses);
std::string notification_text(std::string_view method, std::string_view params);

// ---- the client's side ----------------------------------------------------------------------------

/// `params` is JSON text: encode(StartBackup::Params{…}).
std::string request_text(std::uint64_t id, std::string_view method, std::string_view params);

/// The answer to request_text(id, …).
struct Response {
    std::optional<std::uint64_t> id;  ///< nothing if the daemon does not know which request it answers
    Result<json::View> result;        ///< decode_reply<StartBackup::Reply>(*result)
};

struct Notification {
    std::string method;
    json::View params;
};

/// One line of the daemon.
struct ServerLine {
    json::Document document;
    std::variant<Response, Notification> message;
};

/// Errc::malformed for what is neither a response nor a notification.
Result<ServerLine> parse_server_line(std::string_view line);

}  // namespace sb::rpc
