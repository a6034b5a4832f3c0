#pragma once
// The scheduler's decision: which VMs start now, which do not and why, and when to check again. The scheduler gathers
// the facts, executes the plan and plans again; `show-queue`, `why` and `plan` show the same plan.

#include "common/error.hpp"
#include "daemon/core/due.hpp"

#include <string_view>

namespace sb::core {

struct Settings {
    Timing timing;
    int slots = 1;                   ///< concurrent exports, manual ones included
    std::optional<std::string> tag;  ///< empty = every eligible VM
    bool paused = false;
    std::optional<config::CivilDuration> tolerance;  ///< empty = no VM counts as late
};

enum class Skip {
    not_eligible,  ///< `detail` says why
    wrong_tag,
    in_progress,  ///< its export is running or queued
    not_due,      ///< until `until`
    backing_off,  ///< it failed; next attempt at `until`
    paused,
    storage_in_doubt,  ///< `detail` says why and what to do
    on_hold,           ///< nothing may be ordered now; `detail` says why
    no_space,          ///< `detail` says how much is missing
    window_closed,     ///< opens at `until`
    no_free_slot,      ///< it or a VM before it takes the next free slot
};

struct Skipped {
    VmUuid vm;
    std::string name;
    Skip reason{};
    std::optional<UtcTime> until;
    int failures = 0;    ///< backing_off: how many in this window
    std::string detail;  ///< not_eligible, storage_in_doubt, on_hold, no_space: why; backing_off: the last error;
                         ///< in_progress: what its job waits for, if it is not the cluster
};

/// A VM whose backup is later than the tolerance allows.
struct Behind {
    VmUuid vm;
    std::string name;
    std::optional<UtcTime> last_backup;
    UtcTime due;
};

struct Plan {
    std::vector<VmUuid> start;     ///< start now, in this order
    std::vector<Skipped> skipped;  ///< all other VMs: first those in the queue, in queue order, then the rest by name
    std::optional<UtcTime>
        wake_at;  ///< when to plan again if nothing happens before; empty = time alone changes nothing
    bool window_open = false;
    std::optional<UtcTime> opens;   ///< the next opening; empty = always open
    std::optional<UtcTime> closes;  ///< the next closing; empty = never
    std::vector<Behind> behind;
    bool tag_matches_nothing = false;  ///< Tag is set and no VM has it: an alert is sent
};

/// Whether a VM has a tag: exactly this text, apart from spaces around it.
bool has_tag(Vm const& vm, std::string_view tag);

/// `in_progress`: the VMs of all unfinished jobs that hold or wait for a slot (an empty uuid for a job without a VM).
/// Each counts as a used slot, so manual jobs go first.
Plan plan(Facts const& facts, Settings const& settings, std::vector<VmUuid> const& in_progress, Zone const& zone);

/// The names of the VMs that were due when the window closed at `closed`, and whose export was neither started nor
/// failed in that window; in queue order. Whatever kept them: slots, room, LocalPath, the cluster. None while the
/// schedule is paused.
std::vector<std::string> not_reached(Facts facts, Settings settings, std::vector<VmUuid> const& in_progress,
                                     UtcTime closed, Zone const& zone);

/// Why a scheduled export that was queued in an open window, and is not ordered yet, must not be ordered any longer;
/// nothing = it may. `timed_out`: the window has closed, so its VM was not reached. `cancelled`: a person wanted it (a
/// pause, another tag), which is no problem of the run. `vm`: as the cluster lists it now; null = not known.
std::optional<Error> why_withdrawn(Settings const& settings, Vm const* vm, UtcTime now, Zone const& zone);

/// Whether a VM is due and only waits for a slot.
bool waits_for_a_slot(Plan const& plan);
/// Whether a VM that failed may be tried again before the window closes.
bool has_retries_ahead(Plan const& plan);
/// The names of the VMs that are due and kept from starting by something other than time: in queue order.
std::vector<std::string> held_back(Plan const& plan);

/// Why a VM is not started: "it is not due until 2026-11-23 17:00".
std::string explain(Skipped const& skipped, Zone const& zone);

}  // namespace sb::core
