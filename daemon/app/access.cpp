#include "daemon/app/access.hpp"

#include "common/ipc/listen.hpp"
#include "daemon/platform/process.hpp"

namespace sb::app {
namespace {

Result<std::optional<control::Group>> group_of(std::string const& name, std::string const& key) {
    if (name.empty()) return std::optional<control::Group>();
    auto const id = ipc::group_id(name, key);
    if (!id) return id.error();
    return std::optional(control::Group{*id, name});
}

}  // namespace

Result<control::AccessRules> access_rules(config::Daemon const& daemon) {
    auto const change = group_of(daemon.socket_group, "SocketGroup");
    if (!change) return change.error();
    auto const read = group_of(daemon.socket_read_group, "SocketReadGroup");
    if (!read) return read.error();
    return control::AccessRules{platform::user_id(), *change, *read};
}

}  // namespace sb::app
