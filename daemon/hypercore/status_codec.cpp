#include "daemon/hypercore/status_codec.hpp"

#include "common/json/document.hpp"
#include "common/text/ascii.hpp"
#include "daemon/hypercore/reply.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sb::hypercore {
namespace {

/// In lower case; empty for what cannot be one. Some systems write zeros where a uuid is not set.
std::string uuid_from(json::View value) {
    constexpr std::size_t max_bytes = 64;
    auto const text = value.text();
    auto const uuid = lower(trimmed(text, spaces_and_line_ends));
    auto const fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-'; };
    bool const is_set = uuid.find_first_not_of("0-") != std::string::npos;
    return is_set && uuid.size() <= max_bytes && std::ranges::all_of(uuid, fits) ? uuid : std::string();
}

/// "IN_PROGRESS" and "In Progress" are the same word.
std::string state_word(std::string_view text) {
    auto word = lower(trimmed(text, spaces_and_line_ends));
    std::ranges::replace(word, '_', ' ');
    return word;
}

bool means_work(std::string const& word) { return word == "executing" || word == "in progress"; }

}  // namespace

Result<ports::ClusterIdentity> decode_identity(std::string_view body) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    auto const root = document->root();
    if (!root.is_object() && !root.is_array()) return unexpected_reply("a cluster was expected");
    auto const records = root.is_object() ? std::vector{root} : root.elements();
    ports::ClusterIdentity identity;
    if (records.size() != 1) return identity;
    identity.uuid = uuid_from(records.front()["uuid"]);
    identity.name = records.front()["clusterName"].text();
    return identity;
}

bool decode_update_in_progress(std::string_view body) {
    auto const document = parse_reply(body);
    if (!document) return false;
    // Some versions write the state of the preparation as a text instead of an object.
    auto const prepare = document->root()["prepareStatus"];
    auto const preparing = state_word(prepare.is_string() ? prepare.text() : prepare["state"].text());
    auto const installing = state_word(document->root()["updateStatus"]["masterState"].text());
    // The preparation names its steps: "DOWNLOAD RPMS".
    return preparing.starts_with("download") || means_work(preparing) || means_work(installing);
}

}  // namespace sb::hypercore
