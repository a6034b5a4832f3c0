#include "daemon/app/machine_facts.hpp"

#include "common/ipc/endpoint.hpp"
#include "common/ipc/listen.hpp"
#include "daemon/platform/file_system.hpp"

#include <system_error>

namespace sb::app {
namespace {

namespace fs = std::filesystem;

doctor::HookFile inspect_hook(std::string const& hook, std::string const& command) {
    doctor::HookFile file{hook, command.substr(0, command.find_first_of(" \t"))};
    std::error_code ignored;
    auto const status = fs::status(file.program, ignored);
    file.exists = fs::exists(status);
    file.executable = platform::may_execute(file.program);
    file.writable_by_all = (status.permissions() & fs::perms::others_write) != fs::perms::none && file.exists;
    return file;
}

std::vector<doctor::HookFile> inspect_hooks(config::Hooks const& hooks) {
    std::vector<doctor::HookFile> files;
    for (auto const& hook : all_hooks)
        if (auto const& command = hooks.command(hook.kind); !command.empty())
            files.push_back(inspect_hook(std::string(hook.name), command));
    return files;
}

std::vector<doctor::GroupFacts> look_up_groups(config::Daemon const& daemon) {
    std::vector<doctor::GroupFacts> groups;
    auto const add = [&](std::string const& key, std::string const& name) {
        if (name.empty()) return;
        auto const id = ipc::group_id(name, key);
        groups.push_back({"Daemon." + key, name, id ? Result<void>() : Result<void>(id.error())});
    };
    add("SocketGroup", daemon.socket_group);
    add("SocketReadGroup", daemon.socket_read_group);
    return groups;
}

std::string open_readers_socket(config::Daemon const& daemon) {
    if (daemon.socket_read_group.empty()) return {};
    auto const socket = ipc::readers_endpoint(daemon.socket);
    std::error_code ignored;
    auto const status = fs::status(socket, ignored);
    bool const is_open = fs::is_socket(status) && (status.permissions() & fs::perms::others_write) != fs::perms::none;
    return is_open ? socket.string() : std::string();
}

}  // namespace

doctor::LocalFacts inspect_own(config::Config const& config, std::vector<std::string> const& config_warnings) {
    doctor::LocalFacts facts;
    facts.config_warnings = config_warnings;
    facts.state_dir = config.daemon.state_dir.string();
    // The daemon creates it at the first start.
    std::error_code ignored;
    auto const state =
        fs::exists(config.daemon.state_dir, ignored) ? config.daemon.state_dir : config.daemon.state_dir.parent_path();
    facts.state_dir_writable = platform::probe_writable(state);
    facts.hooks = inspect_hooks(config.hooks);
    facts.groups = look_up_groups(config.daemon);
    facts.open_readers_socket = open_readers_socket(config.daemon);
    facts.log_file = config.daemon.log_file.string();
    facts.log_file_is_folder = fs::is_directory(config.daemon.log_file, ignored);
    return facts;
}

LocalPathFacts inspect_local_path(std::filesystem::path const& path) {
    return {platform::probe_writable(path), platform::space_of(path)};
}

}  // namespace sb::app
