#pragma once
// Keeps the schedule from exporting every VM in full, again and again, while something makes each export useless at its
// end: its manifest cannot be written or flushed, or LocalPath does not show what the cluster wrote. Then no scheduled
// export is ordered until a small test in LocalPath succeeds; after it, one at a time, until one succeeds. The
// condition stands until then.
//
// Which failures: the cluster has done its part (the export ended), and
// - the error is of LocalPath itself (it cannot be read or written, is full, or does not show the folder): one is
// enough;
// - or the files are not a backup (definition or images missing or wrong, as when the share changes the case of names):
//   two in a row, of different VMs. If another VM succeeds after the first, it is that VM's own problem.
//
// The same test is made before exports are ordered if nothing has been written for minutes: no export is ordered into a
// LocalPath that has become read-only. Then the test alone ends the condition.

#include "daemon/async/task.hpp"
#include "daemon/core/job.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace sb::engine {

class ExportGuard {
public:
    ExportGuard(ports::Catalog& catalog, ports::Time& time, ConditionRegistry& conditions)
        : catalog_(catalog), time_(time), conditions_(conditions) {}

    /// Why scheduled exports wait for something else, which no test in LocalPath ends; empty = they do not.
    void also_wait_for(std::function<std::string()> why) { why_else_ = std::move(why); }
    /// Continues with what a previous run of the daemon found.
    void load();
    /// Call it for every job that finishes.
    void note(core::Job const& finished);
    /// For the jobs of the journal, the oldest first, after a start: whose failures were of the guard's kind.
    void note_earlier(core::Job const& finished);
    /// A person's order, or a reload: the test is made now.
    void test_now() {
        test_at_.reset();
        written_at_.reset();
    }
    /// Why nothing may be exported now; empty = it may. Makes the test in LocalPath when it is time for it.
    task<std::string> objection();
    /// Whether this failure of the schedule was of the guard's kind, and its cause has ended since, as a test showed:
    /// the next attempt needs no pause.
    bool has_cause_ended(core::Job const& failed) const;
    /// After the test: whether the next export must show that exports succeed again.
    bool is_trial() const { return is_trial_; }

private:
    void block(std::string reason);
    std::string text() const;
    task<Result<void>> test();
    task<std::string> objection_of_first_test();
    void note_failed_test(Error const& error);
    void note_shared_failure(core::Job const& failed);
    void end_causes();

    ports::Catalog& catalog_;
    ports::Time& time_;
    ConditionRegistry& conditions_;
    std::function<std::string()> why_else_ = [] { return std::string(); };
    std::string reason_;                    ///< why exports fail; empty = they do not
    std::optional<SteadyTime> test_at_;     ///< when LocalPath is tested next; empty = now
    std::optional<SteadyTime> written_at_;  ///< when LocalPath last took what was written; empty = not known
    bool has_export_failed_ = false;        ///< not only the test: an export must succeed after it
    Milliseconds pause_{0};                 ///< before the first test; grows while the trials fail
    bool is_trial_ = false;
    struct Failed {
        JobId job = 0;
        bool has_cause_ended = false;
    };
    std::map<VmUuid, Failed> failed_;      ///< the schedule's last failure of each VM, if it was of this kind
    std::optional<core::Job> suspicious_;  ///< the last failure, if its files were not a backup
};

}  // namespace sb::engine
