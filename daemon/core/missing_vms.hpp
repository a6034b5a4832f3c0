#pragma once
// Which VMs that have copies here the cluster no longer lists, and for how long. A single answer may lack a VM, for
// example while the cluster boots, and a clock may be wrong; only a VM that was missing in seven lists, spread over
// seven days in which the clock was not in doubt, counts as deleted, and MaxAge may then delete its last copy.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace sb::core {

class MissingVms {
public:
    /// Parses what `text()` wrote; unreadable lines are skipped, so their VMs count as existing for another week. Lines
    /// of earlier versions have only the time of the first list: it counts as one list.
    static MissingVms from_text(std::string_view text);
    std::string text() const;

    /// An incomplete list: the VMs in it exist; it says nothing about the others.
    void note_present(std::unordered_set<VmUuid> const& seen);
    /// A complete list. VMs with copies here that it lacks are missing from now on, unless they already were; VMs
    /// without copies are not tracked. While the clock is in doubt, a list shows which VMs exist and counts for nothing
    /// else; neither does the time until the first list after the doubt.
    void note_complete_list(std::unordered_set<VmUuid> const& seen, std::unordered_set<VmUuid> const& with_copies,
                            UtcTime now, bool clock_in_doubt = false);
    /// False while the clock is in doubt.
    bool is_gone(VmUuid const& vm, UtcTime now) const;

    bool operator==(MissingVms const&) const = default;

private:
    struct Absence {
        std::optional<UtcTime> last;   ///< the last list that counted; empty = the clock has been in doubt since
        int lists = 1;                 ///< without the VM, each at least 20 hours after the one before it; at most 7
        std::chrono::seconds span{0};  ///< from the first to the last of them; at most 7 days
        bool operator==(Absence const&) const = default;
    };

    void read_line(std::string_view line);
    static void count_list(Absence& absence, UtcTime now);

    std::map<VmUuid, Absence> missing_;
};

}  // namespace sb::core
