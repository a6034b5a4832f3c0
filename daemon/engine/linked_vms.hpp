#pragma once
// Which VM continues which earlier one (core/vm_links.hpp), as the journal keeps it, and which VMs a restore made: an
// earlier VM may be continued by the one that was restored from its copy.

#include "daemon/async/task.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/possible_links.hpp"
#include "daemon/ports/journal.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

class LinkedVms {
public:
    explicit LinkedVms(ports::Journal& journal) : journal_(journal) {}

    /// All, of whatever cluster. Read once; the journal's error if that is not possible.
    task<Result<core::VmLinks>> all();
    /// Those that count while these VMs exist (VmLinks::in_effect), noted as such if there are any.
    task<Result<core::VmLinks>> in_effect(std::vector<core::Vm> living, std::string cluster_uuid);
    /// Those that count, as far as known from the newest list of VMs: for what does not ask the cluster.
    core::VmLinks const& last_in_effect() const { return last_in_effect_; }
    void note_in_effect(core::VmLinks links) { last_in_effect_ = std::move(links); }
    /// Recorded when this returns. `refused` if it would make a circle.
    task<Result<void>> add(core::VmLink link);
    /// Recorded when this returns. `not_found` if nothing was said of this VM.
    task<Result<void>> remove(VmUuid earlier);

    /// Call it for every finished job, in the order in which they finished.
    void note(core::Job const& job);
    /// The newest restores that succeeded, or whose outcome is not known, the oldest first.
    std::vector<core::Restored> const& restored() const { return restored_; }

private:
    /// A person orders a restore; those of a test every night must not accumulate.
    static constexpr std::size_t most_restores = 1000;

    task<Result<void>> load();

    ports::Journal& journal_;
    bool is_loaded_ = false;
    core::VmLinks links_;  ///< as in the journal
    core::VmLinks last_in_effect_;
    std::vector<core::Restored> restored_;
};

}  // namespace sb::engine
