#pragma once
// Calls into LocalPath that do not return: a share whose server is gone can hang for hours, and no time limit may make
// a backup fail for it. They are reported (condition `storage_slow`) until they return.

#include "daemon/async/task.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/time.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

class StorageWatch {
private:
    struct Running {
        std::string what;
        std::string name;
        std::string consequence;
        SteadyTime since;
        UtcTime since_utc;
    };
    using Calls = std::list<Running>;

public:
    static constexpr Milliseconds slow = std::chrono::minutes{1};

    /// A call that is running; ends with the object.
    class Call {
    public:
        Call(std::shared_ptr<Calls> calls, Calls::iterator place) : calls_(std::move(calls)), place_(place) {}
        Call(Call const&) = delete;
        Call& operator=(Call const&) = delete;
        ~Call() { calls_->erase(place_); }

    private:
        std::shared_ptr<Calls> calls_;
        Calls::iterator place_;
    };

    /// A backup's folder whose read has not returned for some seconds, while others are read.
    struct Unanswered {
        std::string folder;
        UtcTime since;
    };
    using UnansweredFolders = std::function<std::vector<Unanswered>()>;

    /// `most_unanswered`: with more such folders, LocalPath is not listed.
    explicit StorageWatch(
        ports::Time& time, UnansweredFolders unanswered_folders = [] { return std::vector<Unanswered>(); },
        std::size_t most_unanswered = std::numeric_limits<std::size_t>::max())
        : time_(time), unanswered_folders_(std::move(unanswered_folders)), most_unanswered_(most_unanswered) {}

    /// `what`: "listing the backups"; `name`: of the folder, or empty. Each `what` is a subject of the condition, so
    /// there should be few. `consequence`: of a call that does not return, for people; empty = what waits for it does
    /// not continue.
    Call begin(std::string what, std::string name, std::string consequence = {});

    /// Checks every few seconds, without end; each second while a call is reported, so that no report outlives its call
    /// for longer.
    task<void> run(ConditionRegistry& conditions);
    /// Raises and clears the conditions, as far as known now. Whether there is one.
    bool check(ConditionRegistry& conditions) const;

private:
    using Reasons = std::map<std::string, std::string>;  ///< by the subject of the condition
    void add_slow_calls(Reasons& reasons) const;
    void add_unanswered_folders(Reasons& reasons) const;

    ports::Time& time_;
    UnansweredFolders unanswered_folders_;
    std::size_t most_unanswered_;
    std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

}  // namespace sb::engine
