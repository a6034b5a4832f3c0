#pragma once
// The control protocol's methods, both programs' common language: one struct a method, and one table of them all.
// docs/json-rpc.md is the reference.
//
// A method has `name`, `changes` (it changes something, so the daemon refuses a caller with read-only rights), `Params`
// and `Reply`. `heavy = true`: its answer can be long or take long, so the daemon limits how many one user has running
// and writes the answer off its event loop. Each struct lists its fields beside its members, in `fields`: the one list
// that writing and reading share. `required`: reading fails without it. `optional`: may be absent and then keeps its
// default; fields that later versions add are optional, so that those versions understand this one.

#include "common/rpc/adoption.hpp"
#include "common/rpc/backups.hpp"
#include "common/rpc/disks.hpp"
#include "common/rpc/jobs.hpp"
#include "common/rpc/links.hpp"
#include "common/rpc/schedule.hpp"
#include "common/rpc/service.hpp"
#include "common/rpc/vms.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace sb::rpc {

template <class... Types>
struct TypeList {};

/// The table. From it follow the codec, the check that the daemon answers every method, the fuzz target and the check
/// of docs/json-rpc.md, so a method that lacks a row cannot be used.
using Methods = TypeList<Version, Status, CheckHealth, Reload, TestMail,                  // the daemon
                         ListVms, ExplainVm, ShowDisks,                                   // VMs
                         ListLinks, AddLink, RemoveLink,                                  // of VMs that are gone
                         ListBackups, ProtectBackup, ShowRetention, PruneBackups,         // backups
                         DeleteBackup, ListDeletedBackups, UndeleteBackup, AcceptBackup,  // and deleted ones
                         ListJobs, StartBackup, StartRestore, StartVerify, CancelJob, SubscribeJobs,   // jobs
                         StartRun, PauseSchedule, Forecast, ListRuns, GetRun, ShowQueue, AcceptClock,  // the schedule
                         CloneDisk, UploadDiskImage, GetOperation, CancelOperation,                    // disks
                         ListOldFolders, InspectOldFolder, AdoptFolder, PreviewAdoption>;              // adoption

using Notifications = TypeList<JobChanged>;

template <class Method>
constexpr bool is_heavy() {
    if constexpr (requires { Method::heavy; }) return Method::heavy;
    else return false;
}

/// Values that scale-backupctl --json prints outside a reply: alone, in an array or in another document.
using Values = TypeList<VmInfo, BackupInfo, DeletedInfo, LinkInfo, JobInfo, RunInfo, QueueEntry, FindingInfo,
                        AdoptionInfo, VmDiskInfo, OperationInfo>;

template <class... Method>
constexpr std::array<std::string_view, sizeof...(Method)> names_of(TypeList<Method...>) {
    return {Method::name...};
}

}  // namespace sb::rpc
