#include "simulator/api/routes.hpp"

#include <algorithm>

namespace sb::sim {
namespace {

namespace h = handlers;
namespace s = schemas;

constexpr std::string_view read = "Cluster Read";
constexpr std::string_view backup = "Backup";
constexpr std::string_view edit = "VM Create/Edit";
constexpr std::string_view remove_vm = "VM Delete";
constexpr std::string_view power = "VM Power Controls";
constexpr std::string_view admin = "Cluster Settings";

std::vector<Route> const& routes() {
    using enum Body;
    static std::vector<Route> const table{
        {"GET", "/rest/v1/ping", "ping", "", h::ping},
        {"POST", "/rest/v1/login", "login", "", h::login, object, s::login},
        {"POST", "/rest/v1/logout", "logout", read, h::logout, any},

        {"GET", "/rest/v1/VirDomain", "vm_list", read, h::vm_list},
        {"POST", "/rest/v1/VirDomain", "vm_create", edit, h::vm_create, object, s::vm_create},
        {"POST", "/rest/v1/VirDomain/action", "vm_action", power, h::vm_action, array_of_objects, s::vm_action},
        {"POST", "/rest/v1/VirDomain/import", "import", edit, h::vm_import, object, s::vm_import},
        {"GET", "/rest/v1/VirDomain/{}", "vm_get", read, h::vm_get},
        {"POST", "/rest/v1/VirDomain/{}", "vm_replace", edit, h::vm_patch, object, s::vm_replace},
        {"PATCH", "/rest/v1/VirDomain/{}", "vm_patch", edit, h::vm_patch, object, s::vm_patch},
        {"DELETE", "/rest/v1/VirDomain/{}", "vm_delete", remove_vm, h::vm_delete},
        {"POST", "/rest/v1/VirDomain/{}/export", "export", backup, h::vm_export, object, s::vm_export},
        {"POST", "/rest/v1/VirDomain/{}/clone", "vm_clone", edit, h::vm_clone, object, s::vm_clone},
        {"GET", "/rest/v1/VirDomainStats", "vm_stats", read, h::vm_stats},
        {"GET", "/rest/v1/VirDomainStats/{}", "vm_stats", read, h::vm_stats},

        {"GET", "/rest/v1/VirDomainSnapshot", "snapshot_list", read, h::snapshot_list},
        {"POST", "/rest/v1/VirDomainSnapshot", "snapshot_create", backup, h::snapshot_create, object,
         s::snapshot_create},
        {"GET", "/rest/v1/VirDomainSnapshot/{}", "snapshot_get", read, h::snapshot_get},
        {"DELETE", "/rest/v1/VirDomainSnapshot/{}", "snapshot_delete", backup, h::snapshot_delete},
        {"GET", "/rest/v1/VirDomainSnapshotSchedule", "schedule_list", read, h::schedule_list},
        {"POST", "/rest/v1/VirDomainSnapshotSchedule", "schedule_create", backup, h::schedule_create, object,
         s::schedule_create},
        {"GET", "/rest/v1/VirDomainSnapshotSchedule/{}", "schedule_get", read, h::schedule_list},
        {"POST", "/rest/v1/VirDomainSnapshotSchedule/{}", "schedule_replace", backup, h::schedule_patch, object,
         s::schedule_replace},
        {"PATCH", "/rest/v1/VirDomainSnapshotSchedule/{}", "schedule_patch", backup, h::schedule_patch, object,
         s::schedule_patch},
        {"DELETE", "/rest/v1/VirDomainSnapshotSchedule/{}", "schedule_delete", backup, h::schedule_delete},

        {"GET", "/rest/v1/VirDomainBlockDevice", "device_list", read, h::device_list},
        {"POST", "/rest/v1/VirDomainBlockDevice", "device_create", edit, h::device_create, object, s::device_create},
        {"GET", "/rest/v1/VirDomainBlockDevice/{}", "device_get", read, h::device_list},
        {"POST", "/rest/v1/VirDomainBlockDevice/{}", "device_replace", edit, h::device_patch, object,
         s::device_replace},
        {"PATCH", "/rest/v1/VirDomainBlockDevice/{}", "device_patch", edit, h::device_patch, object, s::device_patch},
        {"DELETE", "/rest/v1/VirDomainBlockDevice/{}", "device_delete", remove_vm, h::device_delete},
        {"POST", "/rest/v1/VirDomainBlockDevice/{}/clone", "device_clone", edit, h::device_clone, object,
         s::device_clone},
        {"GET", "/rest/v1/VirDomainNetDevice", "nic_list", read, h::nic_list},
        {"POST", "/rest/v1/VirDomainNetDevice", "nic_create", edit, h::nic_create, object, s::nic_create},
        {"GET", "/rest/v1/VirDomainNetDevice/{}", "nic_get", read, h::nic_list},
        {"POST", "/rest/v1/VirDomainNetDevice/{}", "nic_replace", edit, h::nic_patch, object, s::nic_replace},
        {"PATCH", "/rest/v1/VirDomainNetDevice/{}", "nic_patch", edit, h::nic_patch, object, s::nic_create},
        {"DELETE", "/rest/v1/VirDomainNetDevice/{}", "nic_delete", edit, h::nic_delete},

        {"GET", "/rest/v1/VirtualDisk", "disk_list", read, h::disk_list},
        {"PUT", "/rest/v1/VirtualDisk/upload", "disk_upload", edit, h::disk_upload, upload, nullptr, true},
        {"GET", "/rest/v1/VirtualDisk/{}", "disk_get", read, h::disk_list},
        {"DELETE", "/rest/v1/VirtualDisk/{}", "disk_delete", remove_vm, h::disk_delete},
        {"POST", "/rest/v1/VirtualDisk/{}/attach", "disk_attach", edit, h::disk_attach, object, s::disk_attach},
        {"GET", "/rest/v1/ISO", "iso_list", read, h::iso_list},
        {"POST", "/rest/v1/ISO", "iso_create", edit, h::iso_create, object, s::iso_create},
        {"GET", "/rest/v1/ISO/{}", "iso_get", read, h::iso_list},
        {"POST", "/rest/v1/ISO/{}", "iso_replace", edit, h::iso_patch, object, s::iso_replace},
        {"PATCH", "/rest/v1/ISO/{}", "iso_patch", edit, h::iso_patch, object, s::iso_patch},
        {"DELETE", "/rest/v1/ISO/{}", "iso_delete", edit, h::iso_delete},
        {"PUT", "/rest/v1/ISO/{}/data", "iso_data", edit, h::iso_data, upload},

        {"GET", "/rest/v1/Cluster", "cluster_list", read, h::cluster_list},
        {"POST", "/rest/v1/Cluster/shutdown", "cluster_shutdown", admin, h::cluster_shutdown, object,
         s::cluster_shutdown},
        {"GET", "/rest/v1/Cluster/{}", "cluster_get", read, h::cluster_list},
        {"POST", "/rest/v1/Cluster/{}", "cluster_replace", admin, h::cluster_patch, object, s::cluster_replace},
        {"PATCH", "/rest/v1/Cluster/{}", "cluster_patch", admin, h::cluster_patch, object, s::cluster_patch},
        {"GET", "/rest/v1/Node", "node_list", read, h::node_list},
        {"GET", "/rest/v1/Node/{}", "node_get", read, h::node_list},
        {"GET", "/rest/v1/Drive", "drive_list", read, h::drive_list},
        {"GET", "/rest/v1/Drive/{}", "drive_get", read, h::drive_list},
        {"GET", "/rest/v1/Condition", "condition_list", read, h::condition_list},
        {"GET", "/rest/v1/Condition/filter", "condition_filter", read, h::condition_filter, none, nullptr, true},
        {"GET", "/rest/v1/Condition/{}", "condition_get", read, h::condition_list},
        {"GET", "/rest/v1/Update", "update_list", read, h::empty_list},
        {"GET", "/rest/v1/Update/{}", "update_get", read, h::empty_list},
        {"GET", "/rest/v1/RemoteClusterConnection", "remote_list", read, h::empty_list},
        {"GET", "/rest/v1/VirDomainReplication", "replication_list", read, h::empty_list},
        {"GET", "/rest/v1/VirDomainReplication/{}", "replication_get", read, h::empty_list},
        {"GET", "/update/update_status.json", "update_status", "", h::update_status},

        {"GET", "/rest/v1/Role", "role_list", read, h::role_list},
        {"GET", "/rest/v1/Role/{}", "role_get", read, h::role_list},
        {"GET", "/rest/v1/User", "user_list", read, h::user_list},
        {"POST", "/rest/v1/User", "user_create", admin, h::user_create, object, s::user_create},
        {"GET", "/rest/v1/User/{}", "user_get", read, h::user_list},
        {"POST", "/rest/v1/User/{}", "user_replace", admin, h::user_patch, object, s::user_replace},
        {"PATCH", "/rest/v1/User/{}", "user_patch", admin, h::user_patch, object, s::user_patch},
        {"DELETE", "/rest/v1/User/{}", "user_delete", admin, h::user_delete},
        {"GET", "/rest/v1/TaskTag", "task_list", read, h::task_list},
        {"GET", "/rest/v1/TaskTag/{}", "task_get", read, h::task_get},

        {"GET", "/sim/faults", "control", "", h::control_faults},
        {"POST", "/sim/faults", "control", "", h::control_add_faults, any},
        {"DELETE", "/sim/faults", "control", "", h::control_clear_faults},
        {"DELETE", "/sim/faults/{}", "control", "", h::control_clear_faults},
        {"GET", "/sim/stats", "control", "", h::control_stats},
        {"POST", "/sim/reset-stats", "control", "", h::control_reset_stats, any},
        {"GET", "/sim/requests", "control", "", h::control_requests},
        {"GET", "/sim/settled", "control", "", h::control_settled},
        {"POST", "/sim/cluster", "control", "", h::control_cluster, any},
        {"POST", "/sim/clock", "control", "", h::control_clock, any},
        {"POST", "/sim/update", "control", "", h::control_update, any},
        {"POST", "/sim/tasks/release", "control", "", h::control_release, any},
        {"POST", "/sim/tasks/{}/release", "control", "", h::control_release, any},
        {"POST", "/sim/vms/{}/mutate", "control", "", h::control_mutate, any},
        {"GET", "/sim/vms/{}/disks", "control", "", h::control_disks},
    };
    return table;
}

std::string_view next_part(std::string_view& path) {
    path.remove_prefix(std::min<std::size_t>(path.size(), 1));
    auto const part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    return part;
}

/// The number of matching literal components, or nothing.
std::optional<std::size_t> fits(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
    std::size_t literal = 0;
    parameters.clear();
    while (!pattern.empty() && !path.empty()) {
        auto const wanted = next_part(pattern);
        auto const got = next_part(path);
        if (wanted == "{}") {
            parameters.emplace_back(got);
        } else if (wanted == got) {
            ++literal;
        } else {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return literal;
}

}  // namespace

Match find_route(std::string_view method, std::string_view path) {
    Match best;
    std::size_t best_literal = 0;
    for (auto const& route : routes()) {
        std::vector<std::string> parameters;
        auto const literal = fits(route.pattern, path, parameters);
        if (!literal) continue;
        best.path_known = true;
        if (route.method != method || *literal < best_literal) continue;
        best_literal = *literal;
        best.route = &route;
        best.parameters = std::move(parameters);
    }
    return best;
}

}  // namespace sb::sim
