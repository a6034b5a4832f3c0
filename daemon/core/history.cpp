#include "daemon/core/history.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sb::core {

void History::note(Job const& job) {
    if (job.kind != JobKind::backup || job.phase != Phase::finished || !job.finished) return;
    if (is_withdrawn(job) || job.is_claim) return;
    auto& history = vms_[job.vm];
    constexpr std::size_t max_durations = 5;
    if (job.outcome == Outcome::succeeded) {
        history.failures.clear();
        if (job.posted) history.durations.push_back(*job.finished - *job.posted);
        if (history.durations.size() > max_durations) history.durations.pop_front();
        if (!job.scheduled) return;
        Success success{job.backup, job.vm_name, job.posted.value_or(job.queued), job.end};
        history.successes.insert(history.successes.begin(), std::move(success));
        constexpr std::size_t max_successes = 2;
        if (history.successes.size() > max_successes) history.successes.pop_back();
    } else {
        history.failures.push_back(job);
        constexpr std::size_t max_failures = 100;
        if (history.failures.size() > max_failures) history.failures.pop_front();
    }
}

void History::forget_others(std::unordered_set<VmUuid> const& existing, std::size_t max_vms) {
    if (vms_.size() > max_vms) std::erase_if(vms_, [&](auto const& entry) { return !existing.contains(entry.first); });
}

std::map<VmUuid, Failures> History::failures_since(UtcTime opening) const {
    std::map<VmUuid, Failures> all;
    for (auto const& [vm, history] : vms_) {
        Failures failures;
        for (auto const& job : history.failures) {
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
    for (auto const& [vm, history] : vms_) {
        if (history.durations.empty()) continue;
        std::vector<Milliseconds> sorted(history.durations.begin(), history.durations.end());
        std::ranges::sort(sorted);
        all[vm] = sorted[sorted.size() / 2];
    }
    return all;
}

std::map<VmUuid, std::vector<Success>> History::successes() const {
    std::map<VmUuid, std::vector<Success>> all;
    for (auto const& [vm, history] : vms_)
        if (!history.successes.empty()) all[vm] = history.successes;
    return all;
}

std::optional<Success> History::newest_success(VmUuid const& vm) const {
    auto const it = vms_.find(vm);
    if (it == vms_.end() || it->second.successes.empty()) return std::nullopt;
    return it->second.successes.front();
}

std::optional<Job> History::last_failure(VmUuid const& vm) const {
    auto const it = vms_.find(vm);
    if (it == vms_.end() || it->second.failures.empty()) return std::nullopt;
    return it->second.failures.back();
}

std::optional<Job> History::last_scheduled_failure(VmUuid const& vm) const {
    auto const it = vms_.find(vm);
    if (it == vms_.end()) return std::nullopt;
    auto const& failures = it->second.failures;
    auto const found = std::find_if(failures.rbegin(), failures.rend(), [](Job const& job) { return job.scheduled; });
    if (found == failures.rend()) return std::nullopt;
    return *found;
}

}  // namespace sb::core
