#pragma once
// What the daemon says of the schedule, as text for people: runs, queue, reasons, forecast, retention's verdicts.
// Every line ends with a newline.

#include "common/rpc/methods.hpp"
#include "ctl/render/look.hpp"

#include <string>
#include <vector>

namespace sb::ctl {

/// What a run is doing now: "exporting", "cleaning up"; "finished".
std::string run_phase_words(rpc::RunInfo const& run);
/// "11 backed up, 1 failed, 3 old backups deleted"; "nothing was due" for a run that ended without a job.
std::string run_outcome(rpc::RunInfo const& run);
Tone tone_of_run(rpc::RunInfo const& run);

std::string runs_page(std::vector<rpc::RunInfo> const& runs, Look const& look);
/// How a run ended: the outcome, what went wrong, what was deleted, who is behind.
std::string run_summary(rpc::RunInfo const& run, Look const& look);

/// The first column is the VM's name, in the order given.
std::string queue_page(std::vector<rpc::QueueEntry> const& queue, Look const& look);

/// One sentence a line; on a terminal long ones go on below, indented.
std::string sentences_page(std::vector<std::string> const& sentences, Look const& look);

std::string plan_page(rpc::Forecast::Reply const& forecast, Look const& look);

std::string verdicts_page(std::vector<rpc::RetentionInfo> const& verdicts, Look const& look);

}  // namespace sb::ctl
