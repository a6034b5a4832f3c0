#pragma once
// From the daemon's values to those of the control protocol. Pure.

#include "common/rpc/methods.hpp"
#include "daemon/core/cluster_origin.hpp"
#include "daemon/core/condition.hpp"
#include "daemon/core/deleted_backup.hpp"
#include "daemon/core/forecast.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/retention.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/vm.hpp"
#include "daemon/doctor/finding.hpp"
#include "daemon/engine/adoption.hpp"
#include "daemon/engine/operations.hpp"
#include "daemon/engine/schedule_snapshot.hpp"
#include "daemon/ports/cluster.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::api {

/// `tag`: the one that the schedule requires; empty = it requires none.
rpc::VmInfo to_rpc(core::Vm const& vm, std::optional<std::string> const& tag);
rpc::VmDiskInfo to_rpc(core::Disk const& disk);
/// `unfinished`: the jobs, for the VM of a backup that is still being exported.
rpc::BackupInfo to_rpc(core::Backup const& backup, core::PresentCluster const& present,
                       std::vector<core::Job> const& unfinished = {});
/// `undelete_for`: [Schedule] UndeleteFor.
rpc::DeletedInfo to_rpc(core::DeletedBackup const& deleted, Milliseconds undelete_for);
rpc::JobInfo to_rpc(core::Job const& job);
rpc::RunInfo to_rpc(core::Run const& run);
rpc::OperationInfo to_rpc(engine::Operation const& operation);
rpc::AdoptionInfo to_rpc(engine::InspectedFolder const& folder);
rpc::Forecast::Reply to_rpc(core::Forecast const& forecast, bool paused);
rpc::CheckHealth::Reply to_rpc(doctor::Findings const& findings);
rpc::Status::Condition to_rpc(core::Condition const& condition);
std::vector<rpc::Status::Node> to_rpc(std::vector<ports::NodeReport> const& nodes);
/// `verdicts`: one for each of the backups.
std::vector<rpc::RetentionInfo> to_rpc(std::vector<core::Stored> const& backups,
                                       std::vector<core::Verdict> const& verdicts, core::RetentionPolicy const& policy);
/// Every VM that the schedule includes, in order of priority, each with what it waits for.
std::vector<rpc::QueueEntry> queue_to_rpc(engine::ScheduleSnapshot const& snapshot, core::Settings const& settings,
                                          core::Zone const& zone);

}  // namespace sb::api
