// Every change of a job goes into the journal. If that cannot be written, the job goes on (what runs at the cluster
// runs anyway), the change is kept here and tried again, so that a job does not vanish from the lists when it ends.
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <vector>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

task<void> Engine::record(Job job) {
    // First: what still waits is older, and must not be written over this.
    unrecorded_.erase(job.id);
    auto const saved = co_await ports_.journal.save(job);
    if (saved) co_return;
    spdlog::error("job {}: {} could not be recorded and is tried again: {}", job.id, name_of(job.phase),
                  saved.error().context);
    auto const id = job.id;
    unrecorded_.insert_or_assign(id, std::move(job));
    if (records_later_) co_return;
    records_later_ = true;
    group_.spawn(record_later());
}

task<void> Engine::record_later() {
    Milliseconds pause = 1s;
    while (!unrecorded_.empty()) {
        auto const wake = ports_.time.steady_now() + pause;
        co_await ports_.time.sleep_until(wake);
        std::vector<Job> waiting;
        for (auto const& [id, job] : unrecorded_) waiting.push_back(job);
        for (auto const& job : waiting) {
            // Taken over by a later change meanwhile?
            auto const before = unrecorded_.find(job.id);
            if (before == unrecorded_.end() || before->second != job) continue;
            auto const saved = co_await ports_.journal.save(job);
            if (!saved) break;
            auto const after = unrecorded_.find(job.id);
            if (after != unrecorded_.end() && after->second == job) unrecorded_.erase(after);
            spdlog::info("job {}: {} is recorded now", job.id, name_of(job.phase));
        }
        pause = std::min<Milliseconds>(pause * 2, 30s);
    }
    records_later_ = false;
}

}  // namespace sb::engine
