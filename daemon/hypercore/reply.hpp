#pragma once
// Replies of the cluster: their JSON, or, without success, an Error with the cluster's own words.

#include "common/error.hpp"
#include "common/json/document.hpp"
#include "common/text/scrub.hpp"
#include "daemon/net/http.hpp"

#include <string>
#include <string_view>

namespace sb::hypercore {

/// Of a reply to a call that changes something, bytes: a few names and numbers.
inline constexpr std::size_t max_order_reply = 64 * 1024;

/// `malformed`: "its reply is unexpected: …".
Error unexpected_reply(std::string what);
/// The body as JSON, or unexpected_reply(). Texts that would take much more memory than their length are refused.
Result<json::Document> parse_reply(std::string_view body);
/// Text, or a number as text: the cluster's task tags are numbers written as strings.
std::string text_or_number(json::View value);

inline bool is_success(net::HttpReply const& reply) { return reply.status >= 200 && reply.status < 300; }

/// The text of a reply on one line, at most about 300 bytes: the "error" of a JSON object, a page without its tags, or
/// the plain text. Without our secrets. Empty if it has none. Of a long reply, only the first few KB are read.
std::string text_of(net::HttpReply const& reply, Scrubber const& scrub);

/// The cluster refused the request because it has too much to do, and did not execute it: 429, or 400 with the text
/// "too many requests", which the vendor's clients know. 503 is not among them: a gateway sends it for what is behind
/// it.
bool is_overload(net::HttpReply const& reply);

/// The error for a status other than 2xx. The status decides, then the text (400 may mean overload, 503 the vendor's
/// EInvalidSession). A changing call that a gateway answers (502, 503, 504) may have been executed behind it:
/// outcome_unknown. One that is answered with another 5xx was refused, or executed before the reply failed:
/// maybe_rejected.
Error error_from(net::HttpReply const& reply, net::Method method, Scrubber const& scrub);

}  // namespace sb::hypercore
