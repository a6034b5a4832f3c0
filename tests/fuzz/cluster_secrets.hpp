#pragma once
// Passwords that a cluster may quote, and what must hold for every text of it that is shown.

#include "daemon/hypercore/reply.hpp"
#include "tests/fuzz/property.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::fuzz {

inline constexpr std::string_view password = "hunter2&more";

inline Scrubber const& scrub() {
    static Scrubber const scrubber = [] {
        std::vector<Secret> secrets;
        secrets.emplace_back(std::string(password));
        secrets.emplace_back("geheim!");
        return Scrubber(std::move(secrets));
    }();
    return scrubber;
}

inline void without_password(std::string_view text) {
    must_hold(text.find(password) == text.npos && text.find("geheim!") == text.npos, "a password is visible");
    // In base64: the letters that do not depend on what is before or after.
    for (std::string_view const letters :
         {"aHVudGVyMiZtb3Jl", "h1bnRlcjImbW9yZ", "odW50ZXIyJm1vcm", "Z2VoZWltI", "dlaGVpbS", "nZWhlaW0h"})
        must_hold(text.find(letters) == text.npos, "a password is visible in base64");
}

/// A reply that is not a success: its status in the first two bytes, then the body.
inline void check_refusal(std::string_view input) {
    if (input.size() < 2) return;
    net::HttpReply reply;
    reply.status = 200 + static_cast<unsigned>(static_cast<unsigned char>(input[0])) * 2 % 400;
    auto const kind = static_cast<unsigned char>(input[1]);
    reply.content_type = kind % 2 == 0 ? "text/html" : "application/json";
    reply.body = input.substr(2);
    if (kind % 3 == 0) reply.location = reply.body.substr(0, 100);
    auto const message = hypercore::text_of(reply, scrub());
    must_hold(is_printable(message) && message.size() <= 310, "a text that is not a short line");
    without_password(message);
    for (auto const method : {net::Method::get, net::Method::post, net::Method::put}) {
        auto const error = hypercore::error_from(reply, method, scrub());
        must_hold(is_printable(error.context) && !error.context.empty(), "an error that is not one line");
        without_password(error.context);
    }
}

}  // namespace sb::fuzz
