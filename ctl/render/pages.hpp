#pragma once
// The daemon's answers as text for people, one function for each command. Every line ends with a newline.

#include "common/rpc/methods.hpp"
#include "ctl/render/render_options.hpp"

#include <string>
#include <vector>

namespace sb::ctl {

// ---- VMs, backups, jobs ---------------------------------------------------------------------------

/// Bare names, one a line, sorted by bytes. Control characters are escaped, also into a pipe: what reads it may show
/// them on a terminal. JSON has the true names.
std::string vm_names(std::vector<rpc::VmInfo> const& vms);
/// By name, then uuid: the order of show-vms.
void sort_by_name(std::vector<rpc::VmInfo>& vms);
std::string disks_page(std::vector<rpc::VmDiskInfo> const& disks, RenderOptions const& options);

std::string backups_page(std::vector<rpc::BackupInfo> const& backups, RenderOptions const& options);
/// Those in the trash.
std::string deleted_page(std::vector<rpc::DeletedInfo> const& deleted, RenderOptions const& options);
std::string jobs_page(std::vector<rpc::JobInfo> const& jobs, RenderOptions const& options);

// ---- the daemon -----------------------------------------------------------------------------------

std::string status_page(rpc::Status::Reply const& status, RenderOptions const& options);
/// A line for each finding, with its remedy below it, and a last line that counts.
std::string findings_page(std::vector<rpc::FindingInfo> const& findings, RenderOptions const& options);
/// "no errors, 3 warnings".
std::string findings_summary(std::vector<rpc::FindingInfo> const& findings);

// ---- the schedule ---------------------------------------------------------------------------------

/// What a run is doing now: "exporting", "cleaning up"; "finished".
std::string run_phase_text(rpc::RunInfo const& run);
/// "11 backed up, 1 failed, 3 old backups deleted"; "nothing was due" for a run that ended without a job.
std::string run_outcome(rpc::RunInfo const& run);
Tone tone_of_run(rpc::RunInfo const& run);

std::string runs_page(std::vector<rpc::RunInfo> const& runs, RenderOptions const& options);
/// How a run ended: the outcome, what went wrong, what was deleted, which VMs are behind.
std::string run_summary(rpc::RunInfo const& run, RenderOptions const& options);

/// The first column is the VM's name, in the order given.
std::string queue_page(std::vector<rpc::QueueEntry> const& queue, RenderOptions const& options);
/// One sentence a line; on a terminal long ones are wrapped and indented.
std::string sentences_page(std::vector<std::string> const& sentences, RenderOptions const& options);
std::string plan_page(rpc::Forecast::Reply const& forecast, RenderOptions const& options);
std::string retention_page(std::vector<rpc::RetentionInfo> const& backups, RenderOptions const& options);

// ---- adoption of folders of another program -------------------------------------------------------

std::string adoption_page(std::vector<rpc::AdoptionInfo> const& folders, RenderOptions const& options);
/// Sentences, one for each thing that will change. `protects`: what would be deleted is protected instead.
std::vector<std::string> preview_sentences(std::vector<rpc::AdoptionInfo> const& folders,
                                           rpc::PreviewAdoption::Reply const& preview, bool protects,
                                           RenderOptions const& options);

}  // namespace sb::ctl
