#pragma once
// What an answer that is no success means, in our terms and in the cluster's own words.

#include "common/error.hpp"
#include "daemon/hypercore/scrub.hpp"
#include "daemon/net/http.hpp"

#include <string>

namespace sb::hypercore {

inline bool is_success(net::HttpReply const& reply) { return reply.status >= 200 && reply.status < 300; }

/// The words of an answer on one line, at most ~300 bytes: the "error" of a JSON object, a page without its tags,
/// or the plain text. Without our secrets. Empty if it says nothing.
std::string text_of(net::HttpReply const& reply, Scrubber const& scrub);

/// The error that a status other than 2xx is. The status decides, then the words (only 503 has two meanings:
/// facts on the vendor's EInvalidSession). A changing call that a gateway answers (502, 503, 504) may have been
/// carried out behind it: outcome_unknown. One that is answered with another 5xx was refused, or carried out before
/// the answer failed: maybe_rejected.
Error error_from(net::HttpReply const& reply, net::Method method, Scrubber const& scrub);

}  // namespace sb::hypercore
