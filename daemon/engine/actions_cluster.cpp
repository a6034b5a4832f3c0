// At which cluster a job works. A task is followed only at the cluster that gave its tag: after a reload to another
// one, running jobs end at the earlier one; after a restart they are lost.
#include "daemon/core/resolve.hpp"
#include "daemon/engine/actions.hpp"

#include <spdlog/spdlog.h>

namespace sb::engine {

using namespace core;

/// Between the two there is no wait, in which a reload could come.
task<ClusterId> Actions::join_cluster(LiveJob& live) {
    co_await dependencies_.identity.check(limits_.vm_list_age);
    live.cluster = dependencies_.cluster.present();
    co_return dependencies_.identity.id();
}

bool Actions::is_at_present_cluster(LiveJob const& live) const {
    return !live.cluster || live.cluster == dependencies_.cluster.present();
}

/// A reload that leaves the cluster as it is may bring another password: then the new adapter is used.
ports::Cluster& Actions::cluster_of(LiveJob& live) {
    auto const present = dependencies_.cluster.present();
    if (!present) return dependencies_.cluster;
    bool const is_same = dependencies_.identity.origin_of(live.job.cluster) == ClusterOrigin::same;
    if (!live.cluster || is_same) live.cluster = present;
    return *live.cluster;
}

task<Result<ports::Vms>> Actions::vms_of(LiveJob& live, Milliseconds max_age) {
    auto& cluster = cluster_of(live);
    if (is_at_present_cluster(live)) co_return co_await dependencies_.vms.get(max_age);
    auto vms = co_await cluster.list_vms();
    note_login(live, vms);
    co_return vms;
}

LoginPause& Actions::login_elsewhere(LiveJob const& live) {
    std::erase_if(logins_elsewhere_, [](auto const& login) { return login.first.expired(); });
    return logins_elsewhere_[live.cluster];
}

task<std::optional<Error>> Actions::why_out_of_reach(LiveJob& live) {
    if (!is_at_present_cluster(live)) co_return std::nullopt;
    constexpr Milliseconds identity_age = std::chrono::seconds(10);  // at each poll of each job
    co_await dependencies_.identity.check(identity_age);
    auto const& job = live.job;
    if (dependencies_.identity.origin_of(job.cluster) != ClusterOrigin::other) co_return std::nullopt;
    auto what = "job " + std::to_string(job.id) + " was ordered at cluster " + cluster_text(job.cluster) +
                ", and the configured one is " + cluster_text(dependencies_.identity.id()) +
                ": its task cannot be followed, so its outcome is unknown";
    if (job.kind == JobKind::backup)
        what += "; folder '" + folder_of(job) + "' stays until that cluster is configured again";
    Error error{Errc::outcome_unknown, std::move(what)};
    co_return error;
}

task<std::optional<bool>> Actions::is_of_other(LiveJob& live, TaskReport report) {
    if (report.state == TaskState::absent) co_return false;
    if (is_of_other_kind(live.job, report)) co_return true;
    if (report.object_uuid.empty() || report.object_uuid == live.job.vm.text()) co_return false;
    auto const vms = co_await vms_of(live, limits_.other_vm_list_age);
    if (!vms) co_return std::nullopt;
    co_return is_of_other_vm(live.job, report, *vms);
}

}  // namespace sb::engine
