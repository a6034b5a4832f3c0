#include "daemon/control/peer_log.hpp"

namespace sb::control {
namespace {

constexpr std::chrono::minutes period{1};
/// More users than this share one entry of each kind.
constexpr std::size_t most_entries = 1000;

}  // namespace

PeerLog::Turn PeerLog::turn(ipc::Peer const& peer, std::string_view kind, Time now, std::uint64_t allowed) {
    Key key{peer.uid, kind};
    if (entries_.size() >= most_entries && !entries_.contains(key)) {
        std::erase_if(entries_, [&](auto const& entry) {
            return entry.second.left_out == 0 && now - entry.second.since >= period;
        });
        if (entries_.size() >= most_entries) key.first.reset();
    }
    auto& entry = entries_[key];
    if (entry.since == Time() || now - entry.since >= period) {
        entry.since = now;
        entry.lines = 0;
    }
    if (entry.lines >= allowed) {
        ++entry.left_out;
        return {false, 0};
    }
    ++entry.lines;
    return {true, std::exchange(entry.left_out, 0)};
}

std::vector<std::string> PeerLog::take_overdue(Time now) {
    std::vector<std::string> lines;
    std::erase_if(entries_, [&](auto const& item) {
        auto const& [key, entry] = item;
        if (now - entry.since < period) return false;
        if (entry.left_out > 0) {
            ipc::Peer peer;
            peer.uid = key.first;
            lines.push_back(describe(peer) + ": " + key.second + ": " + std::to_string(entry.left_out) +
                            " more lines left out");
        }
        return true;
    });
    return lines;
}

std::string left_out_text(std::uint64_t count) {
    return count == 0 ? "" : " (" + std::to_string(count) + " more such lines left out before)";
}

}  // namespace sb::control
