#pragma once
// Values as text for people: times, ages, durations, counts, states and phases of a job.

#include "common/rpc/methods.hpp"
#include "ctl/render/render_options.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// "2026-11-23 05:04", local time.
std::string moment_text(UtcTime time, RenderOptions const& options);
/// "2 h ago", "just now", "in 3 days".
std::string age_text(UtcTime time, UtcTime now);
/// "2026-11-23 05:04 (2 h ago)"; "-" for nothing.
std::string moment_with_age(std::optional<UtcTime> time, RenderOptions const& options);
/// "05:04:01", local time.
std::string clock_text(UtcTime time, RenderOptions const& options);
/// One or two units: "7 s", "3 min 20 s", "2 h 5 min", "4 d 1 h".
std::string short_length_text(std::chrono::seconds length);

/// "1 backup", "7 backups".
std::string counted(std::size_t count, std::string_view noun);
/// "FILE01, DB02", free of control characters.
std::string listed(std::vector<std::string> const& names);

/// "backup of FILE01", "restore of 'nightly' as FILE02".
std::string job_text(rpc::JobInfo const& job);
/// What a job is doing now: "waiting for its turn", "exporting", "verifying the export".
std::string phase_text(rpc::JobInfo const& job);
/// "exporting 42 %" where the percent means something.
std::string phase_with_percent(rpc::JobInfo const& job);

/// Whether its phase is one that has a percentage.
bool has_percent(rpc::JobInfo const& job);
/// The export is complete, but its folder cannot be renamed to the backup's name yet: the error says why.
bool waits_for_name(rpc::JobInfo const& job);
/// Its task makes no progress: the error says since when.
bool is_stalled(rpc::JobInfo const& job);
bool has_ended(rpc::JobInfo const& job);
Tone tone_of_job(std::string_view state);
Tone tone_of_backup(std::string_view state);

/// How a job ended, as one sentence; `backup_root` is where backups are, if known:
/// "FILE01 was backed up to '/mnt/backups/nightly' in 3 min 20 s."
std::string ending_sentence(rpc::JobInfo const& job, std::string const& backup_root);
/// The exit code for how a job ended: 0, or that of its error.
int exit_code_of_job(rpc::JobInfo const& job);

/// A reason without the "kept: " or "deleted: " in front, where the action is shown already.
std::string_view without_action(std::string_view reason);

}  // namespace sb::ctl
