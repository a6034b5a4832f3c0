#include "daemon/control/rights.hpp"

#include "common/ipc/endpoint.hpp"

#include <algorithm>

namespace sb::control {
namespace {

bool is_in(ipc::Peer const& peer, std::optional<Group> const& group) {
    if (!group) return false;
    return peer.gid == group->id || std::ranges::find(peer.groups, group->id) != peer.groups.end();
}

std::string how_to_join(std::optional<Group> const& group) {
    if (!group) return "; only root and the daemon's own user have this right";
    return "; an administrator grants access with '" + ipc::join_group_command(group->name) +
           "'; it takes effect at the user's next login";
}

}  // namespace

Result<void> permit(ipc::Peer const& peer, bool changes, AccessRules const& rules) {
    if (!rules.read_group) return {};
    if (peer.uid && (*peer.uid == 0 || *peer.uid == rules.own_user)) return {};
    if (is_in(peer, rules.may_change)) return {};
    bool const may_read = is_in(peer, rules.read_group);
    if (may_read && !changes) return {};
    if (may_read)
        return Error{Errc::not_permitted,
                     "this command changes something, and this user may only read" + how_to_join(rules.may_change)};
    return Error{Errc::not_permitted,
                 "this user has no access to the daemon" + how_to_join(changes ? rules.may_change : rules.read_group)};
}

}  // namespace sb::control
