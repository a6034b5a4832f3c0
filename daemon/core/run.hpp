#pragma once
// One scheduled run: the bookkeeping of a window, or of a part of it, from the first VM that was due to the clean-up
// and the PostSchedule hook. Values only.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::core {

using RunId = std::uint64_t;

enum class RunPhase {
    pre_hook,
    exporting,
    waiting,  ///< shown, never recorded: `exporting`, but nothing is due or runs until the run before it has ended
    delayed_hooks,
    clean_up,
    post_hook,
    finished
};
enum class RunTrigger { window, command };

std::string_view name_of(RunPhase phase);
std::string_view name_of(RunTrigger trigger);
std::optional<RunPhase> run_phase_from_name(std::string_view name);
std::optional<RunTrigger> run_trigger_from_name(std::string_view name);

struct Run {
    RunId id = 0;
    std::uint64_t revision = 0;  ///< of this record: an older one never replaces a newer one in the journal
    RunTrigger trigger = RunTrigger::window;
    RunPhase phase = RunPhase::pre_hook;
    UtcTime started;
    std::optional<UtcTime> finished;
    std::vector<JobId> jobs;  ///< in the order in which they were started
    int succeeded = 0;
    int failed = 0;
    std::vector<std::string> deleted;      ///< backups that retention deleted
    std::vector<std::string> behind;       ///< names of VMs that were later than Tolerance allows
    std::vector<std::string> not_reached;  ///< names of VMs that were due when the window closed, and not started
    std::vector<std::string> problems;
    bool operator==(Run const&) const = default;
};

/// Adds a problem, once: a run that is resumed, or that tries something again, finds the same ones.
void note_problem(Run& run, std::string problem);
/// Adds a VM to those that were not reached, once.
void note_not_reached(Run& run, std::string vm_name);

}  // namespace sb::core
