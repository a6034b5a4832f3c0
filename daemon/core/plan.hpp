#pragma once
// The scheduler's one decision: who starts now, who does not and why, and when to look again. The shell around it
// gathers facts, does what the plan says and asks again; `show-queue`, `why` and `plan` read the same answer.

#include "daemon/core/due.hpp"

#include <string_view>

namespace sb::core {

struct Settings {
    Rhythm rhythm;
    int slots = 1;                   ///< exports at a time, manual ones included
    std::optional<std::string> tag;  ///< empty = every eligible VM
    bool paused = false;
    std::optional<config::CivilDuration> tolerance;  ///< empty = nobody is called late
};

/// After this time a clock that shows a past time is believed as far as starting goes: a backup too many is better than
/// none for months. Retention goes on refusing.
inline constexpr std::chrono::hours clock_patience{1};

enum class Skip {
    not_eligible,  ///< `detail` says why
    wrong_tag,
    in_hand,      ///< it is being exported, or its export is queued
    not_due,      ///< until `until`
    backing_off,  ///< it failed; tried again at `until`
    paused,
    clock_in_doubt,    ///< looked at again at `until`
    storage_in_doubt,  ///< `detail` says why and what to do
    no_room,           ///< `detail` says how much is missing
    window_closed,     ///< opens at `until`
    no_free_slot,      ///< it is next when one gets free, or the ones before it
};

struct Skipped {
    VmUuid vm;
    std::string name;
    Skip reason{};
    std::optional<UtcTime> until;
    int failures = 0;    ///< backing_off: so many in this window
    std::string detail;  ///< not_eligible, storage_in_doubt, no_room: why; backing_off: the last error
};

/// A VM whose backup is later than the tolerance allows.
struct Behind {
    VmUuid vm;
    std::string name;
    std::optional<UtcTime> last_backup;
    UtcTime due;
};

struct Plan {
    std::vector<VmUuid> start;     ///< now, in this order
    std::vector<Skipped> skipped;  ///< all other VMs: first those in the queue, in its order, then the rest by name
    std::optional<UtcTime>
        wake_at;  ///< when to look again, if nothing else happens before; empty = nothing will by itself
    bool window_open = false;
    std::optional<UtcTime> opens;   ///< the next time; empty = always open
    std::optional<UtcTime> closes;  ///< the next time; empty = never
    std::vector<Behind> behind;
    bool tag_matches_nothing = false;  ///< a Tag is set and no VM has it: to be told loudly
};

/// Whether a VM carries a tag: the same letters, blanks around it aside.
bool has_tag(Vm const& vm, std::string_view tag);

/// `in_hand`: the VMs of all unfinished jobs that take or wait for a slot (an empty uuid for one that has none).
/// Each of them counts as a slot, so manual jobs go first.
Plan plan(Facts const& facts, Settings const& settings, std::vector<VmUuid> const& in_hand, Zone const& zone);

/// Why a VM is not started, in words: "it is not due until 2026-11-23 17:00".
std::string explain(Skipped const& skipped, Zone const& zone);

}  // namespace sb::core
