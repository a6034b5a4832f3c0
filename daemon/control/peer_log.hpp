#pragma once
// Lines of the log that a client can cause: a user gets one a minute of each kind, with the number of those that were
// left out. So no client fills the log, whatever it sends. Pure: the time is passed in.

#include "common/ipc/listen.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sb::control {

class PeerLog {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Whether the user's event of this kind gets a line now, the first `allowed` a minute do; and how many had none
    /// since the last line.
    struct Turn {
        bool has_line = true;
        std::uint64_t left_out = 0;
    };
    Turn turn(ipc::Peer const& peer, std::string_view kind, Time now, std::uint64_t allowed = 1);

    /// What was left out by users of whom nothing has come for a minute, one line each; it is then forgotten.
    std::vector<std::string> take_overdue(Time now);

private:
    using Key = std::pair<std::optional<std::uint32_t>, std::string>;
    struct Entry {
        Time since{};  ///< the begin of its minute
        std::uint64_t lines = 0, left_out = 0;
    };
    std::map<Key, Entry> entries_;
};

/// " (17 more such lines left out before)"; empty for none.
std::string left_out_text(std::uint64_t count);

}  // namespace sb::control
