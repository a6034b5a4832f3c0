#pragma once
// Which VMs are due, since when, and in what order. Pure: the scheduler, `show-queue`, `why` and `plan` call the same
// functions, so they cannot disagree.

#include "daemon/core/civil.hpp"
#include "daemon/core/storage_space.hpp"
#include "daemon/core/vm.hpp"
#include "daemon/core/window.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// The part of the schedule that decides due times and order.
struct Timing {
    DailyWindow window;
    config::CivilDuration interval;
};

/// A complete scheduled backup of a VM and the time at which its export was requested.
struct Copy {
    VmUuid vm;
    UtcTime started;
    bool end_known = true;  ///< is_end_known(Manifest)
};

/// Attempts that failed in the current window.
struct Failures {
    int count = 0;
    UtcTime last;
    std::string reason;            ///< of the last failure
    bool has_cause_ended = false;  ///< what made it fail has ended: the next attempt needs no pause
};

/// A copy dated in the future is ignored: a clock jumped. A few minutes are tolerated. So a clock that is set back or
/// ahead makes each VM due at most once too often; its next copy counts again.
inline constexpr std::chrono::minutes clock_slack{5};

/// Sorts before every real time.
inline constexpr UtcTime beginning_of_time = UtcTime::min();

/// When a VM whose newest copy was started at `started` is due again: after the interval, or, if that copy belongs to
/// an earlier window, after the interval counted from that window's opening. So '1 day' means every night for every VM,
/// however late in the night it was backed up.
UtcTime due_again(UtcTime started, Timing const& timing, Zone const& zone);

/// When the newest of one VM's copies that counts was started; nothing if none counts. A copy whose end is not known
/// does not count: the VM is exported once more. If that one is of the same kind, it counts: a cluster whose tasks
/// cannot be followed is not asked for every VM twice a night. So of two such copies within two intervals the newer
/// counts.
std::optional<UtcTime> newest_that_counts(std::vector<Copy> copies, UtcTime now, Timing const& timing,
                                          Zone const& zone);

/// When to retry after this many failures in one window: 5 minutes, doubled up to an hour.
UtcTime retry_at(Failures const& failures);

/// A VM in the queue, with everything that decides its place.
struct Candidate {
    VmUuid uuid;
    std::string name;
    std::optional<UtcTime> last_backup;          ///< start of the newest copy that counts
    bool copy_from_the_future = false;           ///< there is one; it does not count
    std::optional<Milliseconds> usual_duration;  ///< measured earlier
    std::uint64_t allocation_bytes = 0;
    std::uint64_t size_bytes = 0;  ///< estimated size of its export
    Milliseconds expected{0};      ///< the usual duration, or an estimate from the size
    Failures failures;

    /// When its interval has passed; beginning_of_time if it was never backed up.
    UtcTime due;
    /// When its own rules (interval, failures) let it start; may be in the past.
    UtcTime ready;
};

/// What the scheduler knows at one moment.
struct Facts {
    UtcTime now;
    std::vector<Vm> vms;       ///< as the cluster lists them; plan() excludes those that are not backed up
    bool vms_known = true;     ///< false: the cluster could not be asked
    std::vector<Copy> copies;  ///< in any order
    std::map<VmUuid, Failures> failures;
    std::map<VmUuid, Milliseconds> usual_durations;
    std::map<VmUuid, std::string> unnamed;  ///< why a VM's export, which is complete, is not a backup yet
    std::map<VmUuid, UtcTime> first_seen;   ///< so that a VM without any backup can be late too

    std::map<VmUuid, std::uint64_t> last_sizes;  ///< bytes of each VM's newest complete backup
    StorageSpace space;                          ///< in LocalPath
    std::string storage_problem;                 ///< why nothing may be written to LocalPath now; empty = it may
    std::string hold;                            ///< why nothing may be ordered at the cluster now; empty = it may
};

/// All given VMs in order of priority. Ready VMs come first: those without a failure in this window before the others,
/// VMs without a backup before all others, then by age. VMs backed up in the same window have the same age; of these
/// the one with the longest expected duration goes first, so that the window ends with short exports. VMs that are not
/// ready follow by the time at which they will be. Deterministic.
std::vector<Candidate> queue(Facts const& facts, Timing const& timing, Zone const& zone);
/// The same for a selection of VMs.
std::vector<Candidate> queue(std::vector<Vm const*> const& vms, Facts const& facts, Timing const& timing,
                             Zone const& zone);

}  // namespace sb::core
