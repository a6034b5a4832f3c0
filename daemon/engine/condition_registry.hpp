#pragma once
// What is wrong now: raised and cleared by the code that finds out, kept in the journal, so that a restart does not
// forget since when. Raising and clearing do not wait for the journal: that it cannot be written is a condition, too.

#include "daemon/async/task.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/core/condition.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

class ConditionRegistry {
public:
    ConditionRegistry(asio::any_io_executor executor, ports::Journal& journal, ports::Time& time);

    /// Reads what stood when the daemon last ran. Nothing is recorded before.
    task<Result<void>> load();
    /// Records what is not recorded yet. Call it last: nothing may be raised afterwards.
    task<void> finish();

    /// Call it each time that the fault is found; `reason` says why, for people. `subject`: see core::Condition.
    void raise(core::ConditionKind kind, std::string reason, std::string subject = {});
    /// Call it each time that the fault is found to be absent.
    void clear(core::ConditionKind kind, std::string const& subject = {});
    /// Raises the condition with the error's text, or clears it.
    template <class T>
    void note(core::ConditionKind kind, Result<T> const& outcome) {
        if (outcome) clear(kind);
        else raise(kind, outcome.error().context);
    }

    /// For each attempt to write to the journal.
    void note_journal(Result<void> const& written);

    /// In a stable order, errors first.
    std::vector<core::Condition> all() const { return conditions_.all(); }

private:
    void record_soon();
    task<void> record();
    bool is_recorded() const { return recorded_changes_ == changes_; }

    ports::Journal& journal_;
    ports::Time& time_;
    core::Conditions conditions_;
    std::uint64_t changes_ = 0;           ///< how often a condition was raised or cleared
    std::uint64_t recorded_changes_ = 0;  ///< how many of them the journal has
    std::optional<SteadyTime> recorded_at_;
    bool loaded_ = false;
    bool recording_ = false;
    TaskGroup group_;
};

}  // namespace sb::engine
