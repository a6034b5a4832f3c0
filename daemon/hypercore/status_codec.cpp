#include "daemon/hypercore/status_codec.hpp"

#include "common/json/document.hpp"
#include "common/text/ascii.hpp"
#include "common/text/one_line.hpp"
#include "daemon/hypercore/reply.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sb::hypercore {
namespace {

constexpr std::size_t max_cluster_name = 255;  // bytes

/// In lower case; empty for what cannot be one. Some systems write zeros where a uuid is not set.
std::string uuid_from(json::View value) {
    constexpr std::size_t max_bytes = 64;
    auto const uuid = lower(trimmed(value.string().value_or(""), spaces_and_line_ends).substr(0, max_bytes + 1));
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
    identity.name = one_line(records.front()["clusterName"].string().value_or(""), max_cluster_name);
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
