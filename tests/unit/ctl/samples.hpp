#pragma once
// Values as the daemon might send them, at a fixed time and zone.

#include "common/rpc/methods.hpp"
#include "ctl/render/render_options.hpp"

namespace sb::ctl {

inline UtcTime at(std::string_view text) { return *parse_rfc3339(text); }
inline UtcTime const noon = at("2026-11-23T12:00:00Z");

inline RenderOptions options_of(std::optional<std::size_t> width, bool color = false) {
    return {width, color, noon, [](UtcTime) { return std::chrono::minutes{60}; }};
}

inline rpc::JobInfo job_of(JobId id, std::string state, std::string phase, std::optional<int> percent = std::nullopt) {
    rpc::JobInfo job;
    job.id = id;
    job.kind = "backup";
    job.vm = "FILE01";
    job.vm_uuid = "11111111-2222-4333-8444-555555555555";
    job.backup = "nightly";
    job.state = std::move(state);
    job.phase = std::move(phase);
    job.percent = percent;
    job.expected_bytes = 100ULL << 30;
    job.queued = noon - std::chrono::hours{2};
    if (job.state != "queued") job.started = noon - std::chrono::hours{2};
    return job;
}

inline rpc::JobInfo ended_job(std::string state, std::string code = "", std::string error = "") {
    auto job = job_of(17, std::move(state), "finished");
    job.finished = noon - std::chrono::hours{2} + std::chrono::seconds{200};
    job.error_code = std::move(code);
    if (!error.empty()) job.error = std::move(error);
    return job;
}

/// Started two hours ago.
inline rpc::RunInfo run_of(std::uint64_t id, std::string state, std::string phase) {
    rpc::RunInfo run;
    run.id = id;
    run.trigger = "window";
    run.state = std::move(state);
    run.phase = std::move(phase);
    run.started = noon - std::chrono::hours{2};
    if (run.state == "finished") run.finished = noon - std::chrono::minutes{50};
    return run;
}

/// Eleven VMs were backed up, one was not.
inline rpc::RunInfo failed_run() {
    auto run = run_of(12, "finished", "finished");
    run.jobs = {17, 18};
    run.succeeded = 11;
    run.failed = 1;
    run.deleted = {"2026-10-22_18-00-00 FILE01", "2026-10-22_18-40-00 DB02"};
    run.behind = {"FILE01"};
    run.problems = {"FILE01: the cluster's task ended in ERROR: there is no space left on the share"};
    return run;
}

inline rpc::BackupInfo backup_of(std::string name, std::string vm, std::string state) {
    rpc::BackupInfo backup;
    backup.name = std::move(name);
    backup.vm = std::move(vm);
    backup.state = std::move(state);
    backup.started = noon - std::chrono::hours{26};
    backup.size_bytes = 3ULL << 29;
    return backup;
}

}  // namespace sb::ctl
