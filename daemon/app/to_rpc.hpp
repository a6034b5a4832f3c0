#pragma once
// From the core's values to those of the control protocol. Pure.

#include "common/rpc/methods.hpp"
#include "daemon/core/forecast.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/vm.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/engine/schedule_snapshot.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::app {

/// `tag`: the one that the schedule wants; empty = any VM will do.
rpc::VmInfo to_rpc(core::Vm const& vm, std::optional<std::string> const& tag);
rpc::BackupInfo to_rpc(core::Backup const& backup);
rpc::JobInfo to_rpc(core::Job const& job);
std::vector<rpc::Status::Cluster::Node> to_rpc(std::vector<ports::NodeReport> const& nodes);
rpc::RunInfo to_rpc(core::Run const& run);
/// Every VM that the schedule serves, in order of priority, each with what it waits for.
std::vector<rpc::QueueEntry> present_queue(engine::ScheduleSnapshot const& snapshot, core::Settings const& settings,
                                           core::Zone const& zone);
rpc::Forecast::Reply to_rpc(core::Forecast const& forecast, bool paused);

}  // namespace sb::app
