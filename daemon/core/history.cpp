#include "daemon/core/history.hpp"

#include <algorithm>
#include <vector>

namespace sb::core {

void History::note(Job const& job) {
    if (job.kind != JobKind::backup || job.phase != Phase::finished || !job.finished) return;
    auto& of_vm = vms_[job.vm];
    constexpr std::size_t remembered = 5;
    if (job.outcome == Outcome::succeeded) {
        of_vm.failures.clear();
        if (job.posted) of_vm.durations.push_back(*job.finished - *job.posted);
        if (of_vm.durations.size() > remembered) of_vm.durations.pop_front();
    } else {
        of_vm.failures.push_back(job);
        constexpr std::size_t enough = 100;
        if (of_vm.failures.size() > enough) of_vm.failures.pop_front();
    }
}

void History::forget_others(std::unordered_set<VmUuid> const& existing, std::size_t enough) {
    if (vms_.size() > enough) std::erase_if(vms_, [&](auto const& entry) { return !existing.contains(entry.first); });
}

std::map<VmUuid, Failures> History::failures_since(UtcTime opening) const {
    std::map<VmUuid, Failures> all;
    for (auto const& [vm, of_vm] : vms_) {
        Failures failures;
        for (auto const& job : of_vm.failures) {
            if (!job.scheduled || *job.finished < opening) continue;
            ++failures.count;
            failures.last = *job.finished;
            failures.reason = job.error ? job.error->context : std::string(name_of(job.outcome));
        }
        if (failures.count > 0) all[vm] = failures;
    }
    return all;
}

std::map<VmUuid, Milliseconds> History::usual_durations() const {
    std::map<VmUuid, Milliseconds> all;
    for (auto const& [vm, of_vm] : vms_) {
        if (of_vm.durations.empty()) continue;
        std::vector<Milliseconds> sorted(of_vm.durations.begin(), of_vm.durations.end());
        std::ranges::sort(sorted);
        all[vm] = sorted[sorted.size() / 2];
    }
    return all;
}

std::optional<Job> History::last_failure(VmUuid const& vm) const {
    auto const it = vms_.find(vm);
    if (it == vms_.end() || it->second.failures.empty()) return std::nullopt;
    return it->second.failures.back();
}

}  // namespace sb::core
