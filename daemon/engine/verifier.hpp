#pragma once
// Verifies backups, one at a time: requested ones first, then those due by [Verify]. core::plan_verification() decides
// what is due, core::step_verify() what comes next in a job. Uses no export slot.

#include "daemon/async/task.hpp"
#include "daemon/core/byte_rate.hpp"
#include "daemon/core/verify_job.hpp"
#include "daemon/engine/evidence.hpp"
#include "daemon/engine/job_recorder.hpp"
#include "daemon/engine/leases.hpp"
#include "daemon/engine/wake_up.hpp"
#include "daemon/ports/alerts.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"
#include "daemon/ports/verification.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sb::engine {

/// [Verify], in the core's types.
struct VerifySettings {
    core::VerifyPolicy policy;
    core::ReadingTimes times;
    std::optional<std::uint64_t> bytes_per_second;  ///< empty = no limit
};

class Verifier {
public:
    struct Dependencies {
        asio::any_io_executor executor;
        ports::Catalog& catalog;
        ports::Verification& verification;
        ports::Journal& journal;
        ports::Time& time;
        ports::Alerts& alerts;
        core::Zone const& zone;
        std::function<VerifySettings()> settings;  ///< as configured at this moment
        JobRecorder& recorder;
        Leases& leases;                                   ///< shared with a clean-up: what is being read is not deleted
        Evidence& evidence;                               ///< gets to know what could not be read
        std::function<void(core::Job const&)> on_change;  ///< called for every change of a job
        std::function<void()> backups_changed = [] {};    ///< called when a manifest has changed
        Milliseconds max_sleep = std::chrono::seconds(10);
        /// Sets damage that is not yet in the manifest; nothing = it is in the manifest, or there is none.
        std::function<void(std::string const&, std::optional<core::Damage>)> set_damage = [](auto const&, auto const&) {
        };
    };

    explicit Verifier(Dependencies dependencies);

    /// Resumes the jobs that were unfinished when the daemon last stopped.
    task<Result<void>> start();
    /// Runs forever; ends when cancelled. A reading continues at the next start.
    task<void> run();

    /// One job for each backup; without names, for all that can be verified. The jobs are queued when this returns.
    task<Result<std::vector<core::Job>>> submit(std::vector<std::string> backups, core::Level level);
    /// The cancellation is recorded when this returns. `not_found` if no unfinished verify job has this id; the
    /// journal's error if it cannot be recorded: then the job continues.
    task<Result<core::Job>> cancel(JobId id);
    std::optional<core::Job> find(JobId id) const;
    /// The jobs that are not finished in the journal.
    std::vector<core::Job> unfinished_jobs() const;

    /// Backups were added or deleted, or the configuration changed.
    void check_again() { wake_up_.poke(); }

private:
    /// After a possibly temporary failure (a read error), and after a permanent one (damage).
    static constexpr auto retry_after = std::chrono::hours(24);

    using LiveJob = std::shared_ptr<core::Job>;

    std::optional<Error> objection_to(core::Backup const& backup, core::Level level) const;
    task<Result<core::Job>> enqueue(core::Backup backup, core::Level level, bool automatic);
    LiveJob next_in_queue() const;
    task<std::optional<UtcTime>> queue_due();
    bool may_read_now(core::Job const& job) const;
    void add_live(core::Job const& job);
    void remove_live(JobId id);
    /// The unfinished job of this backup; null if there is none.
    LiveJob find_live(std::string const& backup) const;

    task<void> work(LiveJob live);
    task<core::VerifyEvent> perform(core::VerifyAction action, LiveJob live);
    task<core::VerifyEvent> inspect(LiveJob live);
    task<core::VerifyEvent> read(LiveJob live);
    task<core::VerifyEvent> end_reading(LiveJob live);
    task<void> close(LiveJob live);
    task<bool> mark_as_damaged(core::Job job);
    void mark_later(core::Job const& found, core::Damage damage);
    task<void> retry_marks();
    task<void> settle_mark(std::string backup);
    task<void> clear_mark(std::string backup, core::Level passed);
    task<void> report_failure(core::Job job);
    task<void> note_evidence(core::Job job);

    /// Damage that could not be recorded in the manifest. The jobs that found it are finished, except in the journal.
    struct Unmarked {
        core::Damage damage;
        std::vector<core::Job> jobs;
    };

    Dependencies dependencies_;
    WakeUp wake_up_;
    core::ByteRate rate_;
    std::map<JobId, LiveJob> live_;
    std::unordered_map<std::string, JobId> live_of_;  ///< by backup, which has one at a time
    std::shared_ptr<ports::Reading> reading_;         ///< of the running job
    std::map<std::string, Unmarked> unmarked_;        ///< by backup
    SteadyTime next_marking_{};
    Milliseconds marking_pause_{0};
    std::map<std::string, UtcTime> not_before_;  ///< by backup; for scheduled verification only
};

}  // namespace sb::engine
