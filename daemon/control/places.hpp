#pragma once
// Who gets one of the limited places for sessions, and who has to go for it. A user with many connections pays with its
// own ones; root and administrators always find a place. Pure.

#include "daemon/control/rank.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::control {

/// One session, or a client that wants one.
struct Place {
    Rank rank = Rank::reader;
    std::optional<std::uint32_t> uid;
    /// Since when it has been idle; nothing while it is not, and then it is not taken away.
    std::optional<std::chrono::steady_clock::time_point> idle_since{};
};

struct PlaceLimits {
    std::size_t all = 256;
    std::size_t of_one_reader = 16;  ///< of one user that may only read
    std::size_t of_one_admin = 208;  ///< of one user that may change something; root has no limit but `all`
    /// A quarter of all places is for those who may change something, a sixteenth for root.
    std::size_t for_readers() const { return all - all / 4; }
    std::size_t for_admins() const { return all - all / 16; }
};

struct Admission {
    bool is_admitted = true;
    std::optional<std::size_t> displaced{};  ///< the index of the session that has to go first
    std::string refusal{};                   ///< why it is not admitted
};

/// `newcomer` is not a stranger.
Admission admit(std::vector<Place> const& taken, Place const& newcomer, PlaceLimits const& limits);

}  // namespace sb::control
