// Every change of a job is written to the journal. If that fails, the job continues (the cluster's task runs anyway),
// and the change is kept here and retried, so that a job does not disappear from the lists when it finishes.
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <vector>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

task<void> Engine::record(Job job) {
    // First: a waiting change is older and must not overwrite this one.
    unrecorded_.erase(job.id);
    auto const saved = co_await ports_.journal.save(job);
    conditions_.note_journal(saved);
    if (saved) co_return;
    spdlog::error("job {}: phase {} could not be recorded; retrying: {}", job.id, name_of(job.phase),
                  saved.error().context);
    auto const id = job.id;
    unrecorded_.insert_or_assign(id, std::move(job));
    if (retrying_records_) co_return;
    retrying_records_ = true;
    group_.spawn(retry_records());
}

task<void> Engine::retry_records() {
    Milliseconds pause = 1s;
    while (!unrecorded_.empty()) {
        auto const wake = ports_.time.steady_now() + pause;
        co_await ports_.time.sleep_until(wake);
        std::vector<Job> waiting;
        for (auto const& [id, job] : unrecorded_) waiting.push_back(job);
        for (auto const& job : waiting) {
            // Replaced by a later change meanwhile?
            auto const before = unrecorded_.find(job.id);
            if (before == unrecorded_.end() || before->second != job) continue;
            auto const saved = co_await ports_.journal.save(job);
            conditions_.note_journal(saved);
            if (!saved) break;
            auto const after = unrecorded_.find(job.id);
            if (after != unrecorded_.end() && after->second == job) unrecorded_.erase(after);
            spdlog::info("job {}: phase {} is now recorded", job.id, name_of(job.phase));
        }
        pause = std::min<Milliseconds>(pause * 2, 30s);
    }
    retrying_records_ = false;
}

}  // namespace sb::engine
