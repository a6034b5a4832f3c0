#include "daemon/core/owed_hook.hpp"

namespace sb::core {

std::optional<OwedHook> owed_hook_of(Job const& job) {
    bool const is_owed = job.kind == JobKind::backup && job.phase == Phase::finished &&
                         job.outcome == Outcome::succeeded && job.delayed_hook;
    if (!is_owed) return std::nullopt;
    return OwedHook{job.id, job.vm_name, job.backup, job.finished.value_or(job.queued)};
}

}  // namespace sb::core
