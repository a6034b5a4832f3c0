#pragma once
// What a client is to the daemon, judged once, when it connects.

#include "common/error.hpp"
#include "common/ipc/listen.hpp"

#include <functional>

namespace sb::control {

/// Why this peer may not call a method (that changes something, or only reads); empty = every peer may.
using Permit = std::function<Result<void>(ipc::Peer const&, bool changes)>;

enum class Rank {
    stranger,  ///< may do nothing
    reader,    ///< may call what changes nothing
    admin,     ///< may call everything
    root,      ///< the same, and always finds a place
};

/// By the rules for calls; without rules everyone who can connect is an admin.
inline Rank rank_of(ipc::Peer const& peer, Permit const& permit) {
    bool const may_change = !permit || permit(peer, true).has_value();
    if (may_change) return peer.uid == 0U ? Rank::root : Rank::admin;
    return permit(peer, false) ? Rank::reader : Rank::stranger;
}

}  // namespace sb::control
