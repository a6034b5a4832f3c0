#pragma once
// Proves backups, one at a time: those that somebody asked for, then those that are due by [Verify]. It decides nothing
// itself: core::plan_proofs() says what is due, core::step_verify() what comes next in a job. It takes no export slot.

#include "daemon/async/task.hpp"
#include "daemon/core/byte_rate.hpp"
#include "daemon/core/verify_job.hpp"
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
#include <vector>

namespace sb::engine {

/// [Verify] as the core wants it.
struct VerifySettings {
    core::VerifyPolicy policy;
    core::ReadingTimes times;
    std::optional<std::uint64_t> bytes_per_second;  ///< empty = as fast as it goes
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
        std::function<VerifySettings()> settings;         ///< as configured at this moment
        std::function<task<void>(core::Job)> record;      ///< keeps a change, in the journal at once or later
        std::function<void(core::Job const&)> on_change;  ///< told of every change of a job
        std::function<void()> backups_changed = [] {};    ///< a manifest says something else now
        Milliseconds longest_nap = std::chrono::seconds(10);
        /// Damage that is not in the manifest yet; nothing = it is, or was none.
        std::function<void(std::string const&, std::optional<core::Damage>)> set_damage = [](auto const&, auto const&) {
        };
    };

    explicit Verifier(Dependencies dependencies);

    /// Takes up the jobs that the last run of the daemon left unfinished.
    task<Result<void>> start();
    /// Runs for ever; ends when cancelled. What is being read goes on at the next start.
    task<void> run();

    /// One job for each backup; no names: for all that can be verified. The jobs are queued when this returns.
    task<Result<std::vector<core::Job>>> submit(std::vector<std::string> backups, core::Level level);
    /// Nothing if no unfinished job of ours has this id.
    task<std::optional<core::Job>> cancel(JobId id);
    std::optional<core::Job> find(JobId id) const;
    /// Those that the journal does not know as ended.
    std::vector<core::Job> unfinished_jobs() const;

    /// Backups came or went, or the configuration changed.
    void look_again() { wake_up_.poke(); }

private:
    /// After a failure that may pass (a disk that could not be read), and after one that will not (damage).
    static constexpr auto try_again_after = std::chrono::hours(24);

    using LiveJob = std::shared_ptr<core::Job>;

    std::optional<Error> objection_to(core::Backup const& backup, core::Level level) const;
    task<Result<core::Job>> enqueue(core::Backup backup, core::Level level, bool by_itself);
    LiveJob next_in_queue() const;
    task<std::optional<UtcTime>> queue_what_is_due();
    bool may_read_now(core::Job const& job) const;

    task<void> work(LiveJob live);
    task<core::VerifyEvent> perform(core::VerifyAction action, LiveJob live);
    task<core::VerifyEvent> inspect(LiveJob live);
    task<core::VerifyEvent> read(LiveJob live);
    task<core::VerifyEvent> end_reading(LiveJob live);
    task<void> close(LiveJob live);
    task<bool> mark_as_damaged(core::Job job);
    void mark_later(core::Job const& found, core::Damage damage);
    task<void> mark_what_waits();
    task<void> settle_mark(std::string backup);
    task<void> forget_mark_cleared_by(std::string backup, core::Level held);
    task<void> tell_of_failure(core::Job job);

    /// Damage whose mark could not be written. The jobs that found it have ended for everybody but the journal.
    struct Unmarked {
        core::Damage damage;
        std::vector<core::Job> jobs;
    };

    Dependencies dependencies_;
    WakeUp wake_up_;
    core::ByteRate rate_;
    std::map<JobId, LiveJob> live_;
    std::shared_ptr<ports::Reading> reading_;   ///< of the job at work
    std::map<std::string, Unmarked> unmarked_;  ///< by backup
    SteadyTime next_marking_{};
    Milliseconds marking_pause_{0};
    std::map<std::string, UtcTime> not_before_;  ///< by backup: of what is done by itself
};

}  // namespace sb::engine
