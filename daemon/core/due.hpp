#pragma once
// Who is due, since when, and in what order. Pure: the same functions serve the scheduler, `show-queue`, `why`
// and `plan`, so they cannot disagree.

#include "daemon/core/civil.hpp"
#include "daemon/core/storage_space.hpp"
#include "daemon/core/vm.hpp"
#include "daemon/core/window.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// What the schedule says, as far as due times and order depend on it.
struct Rhythm {
    DailyWindow window;
    config::CivilDuration interval;
};

/// A complete scheduled backup of a VM, by the moment at which its export was asked for.
struct Copy {
    VmUuid vm;
    UtcTime started;
};

/// Attempts that failed in the present window.
struct Failures {
    int count = 0;
    UtcTime last;
    std::string reason;  ///< the last one's, in words
};

/// A copy that is dated in the future says nothing: a clock jumped. A few minutes are forgiven.
inline constexpr std::chrono::minutes clock_slack{5};

/// Sorts before every real time.
inline constexpr UtcTime beginning_of_time = UtcTime::min();

/// When a VM whose newest copy was started at `started` is due again: after the interval; or, if that copy belongs to
/// an earlier window, after the interval counted from that window's opening. So '1 day' means every night for every VM,
/// however late in the night it was served.
UtcTime due_again(UtcTime started, Rhythm const& rhythm, Zone const& zone);

/// After so many failures in one window, when to try again: 5 minutes, doubled up to an hour.
UtcTime retry_at(Failures const& failures);

/// A VM's place in the queue, and all that put it there.
struct Candidate {
    VmUuid uuid;
    std::string name;
    std::optional<UtcTime> last_backup;          ///< start of the newest copy that counts
    bool copy_from_the_future = false;           ///< there is one, and it was not counted
    std::optional<Milliseconds> usual_duration;  ///< measured earlier
    std::uint64_t allocation_bytes = 0;
    std::uint64_t size_bytes = 0;  ///< what its export is expected to take
    Milliseconds expected{0};      ///< the usual duration, or else a guess from the size
    Failures failures;

    /// When its interval has passed; the beginning of time if it was never backed up.
    UtcTime due;
    /// When it may start, as far as rules of its own go (its interval, its failures); may be past.
    UtcTime ready;
};

/// What the scheduler knows at one moment.
struct Facts {
    UtcTime now;
    std::vector<Vm> vms;       ///< as the cluster lists them; plan() itself leaves out what is not to be backed up
    bool vms_known = true;     ///< false: the cluster could not be asked
    std::vector<Copy> copies;  ///< in any order
    std::map<VmUuid, Failures> failures;
    std::map<VmUuid, Milliseconds> usual_durations;
    std::map<VmUuid, UtcTime> first_seen;  ///< so that a VM that never had a backup can be late as well

    std::map<VmUuid, std::uint64_t> last_sizes;  ///< bytes of each VM's newest complete backup
    StorageSpace room;                           ///< in LocalPath
    std::string storage_doubt;                   ///< why nothing may be written there now; empty = it may

    /// The latest time that was ever recorded (journal, manifests); if the clock is behind it, it is in doubt.
    std::optional<UtcTime> last_recorded;
    /// Since when, on the present clock, it has been seen to be behind; empty = only now.
    std::optional<UtcTime> clock_behind_since;
};

/// Whether the clock shows a time that has already been recorded as past.
inline bool is_behind(UtcTime now, std::optional<UtcTime> last_recorded) {
    return last_recorded && now + clock_slack < *last_recorded;
}

/// Every given VM in order of priority: those that are ready first; among them those that did not fail yet in this
/// window; never backed up before all others, then the oldest; VMs that were served in the same window are as old as
/// each other, and of these the one that is expected to take longest goes first, so that the window's tail is short.
/// Not ready ones follow by the time at which they will be. Deterministic.
std::vector<Candidate> queue(Facts const& facts, Rhythm const& rhythm, Zone const& zone);
/// The same for some of the VMs.
std::vector<Candidate> queue(std::vector<Vm const*> const& vms, Facts const& facts, Rhythm const& rhythm,
                             Zone const& zone);

}  // namespace sb::core
