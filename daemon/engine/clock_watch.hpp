#pragma once
// Whether the wall clock can be believed (core/clock_witness.hpp): observed each minute, also outside the window and
// without [Schedule], and immediately before anything is deleted. What it knows is in the journal, so that neither a
// restart nor a boot hides a jump.

#include "daemon/core/clock_witness.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <optional>
#include <string>

namespace sb::engine {

struct ClockAccepted {
    UtcTime time;        ///< what the clock shows
    std::string remark;  ///< as `ClockWatch::remark()`
};

class ClockWatch {
public:
    struct Dependencies {
        ports::Cluster& cluster;
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        ConditionRegistry& conditions;
        core::Zone const& zone;
        std::string boot_id;  ///< empty = not known
        /// The clock is believed again although nothing confirmed it; the text says why it was in doubt.
        std::function<void(std::string const&)> accepted_unconfirmed = [](std::string const&) {};
        Milliseconds check_every = std::chrono::minutes(1);
    };

    explicit ClockWatch(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Reads what was recorded. Call it before anything else.
    task<Result<void>> load();
    /// Runs forever; ends when cancelled.
    task<void> run();
    /// Records the last reading. The cluster is not asked.
    task<void> finish();

    /// Reads all clocks. Asks the cluster first if it has not been asked yet, or if its clock could end a doubt.
    task<void> check();
    /// The same without asking or waiting; does nothing before the first check().
    void observe();
    /// For people: why the clock may be wrong; empty = it is believed.
    std::string doubt() const;
    bool in_doubt() const { return needs_manifests_ || witness_.in_doubt(); }
    /// For people: how far the cluster's clock is constantly off; empty = it is not.
    std::string remark() const;

    /// The administrator says that the clock is right.
    task<Result<ClockAccepted>> accept();

private:
    task<void> prepare();
    task<void> read_manifests();
    task<void> ask_cluster();
    task<void> record_if_due();
    task<Result<void>> record(std::string text);
    bool has_recent_date() const;
    core::ClockReading reading() const;
    void report(core::ClockChange change, std::string const& doubt_before);

    Dependencies dependencies_;
    core::ClockWitness witness_;
    bool needs_manifests_ = false;  ///< no time is recorded, and the backups have not been read for one
    bool is_ready_ = false;         ///< for the first reading
    bool is_changed_ = false;       ///< since it was recorded
    bool was_asked_ = false;        ///< and the cluster has answered or failed
    std::optional<SteadyTime> asked_at_;
    std::optional<SteadyTime> recorded_at_;
};

}  // namespace sb::engine
