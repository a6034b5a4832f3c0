#pragma once
// Who may read and who may change, by what the system reports about the caller. Pure.

#include "common/error.hpp"
#include "common/ipc/listen.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sb::control {

/// A group of this machine, by the name that the configuration gave it.
struct Group {
    std::uint32_t id = 0;
    std::string name;
};

struct AccessRules {
    std::uint32_t own_user = 0;       ///< the daemon's; root and this user may always do everything
    std::optional<Group> may_change;  ///< SocketGroup
    std::optional<Group> read_group;  ///< SocketReadGroup; empty = every user who can connect may do everything
};

/// `not_permitted`, with the command that an administrator would run, if this peer may not call a method that
/// `changes` something, or one that only reads. An unidentified peer may do nothing once SocketReadGroup is set,
/// because the readers' socket may admit every user (see app/access.hpp).
Result<void> permit(ipc::Peer const& peer, bool changes, AccessRules const& rules);

}  // namespace sb::control
