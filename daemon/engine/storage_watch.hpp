#pragma once
// Calls into LocalPath that do not return: a share whose server is gone can hang for hours, and no time limit may make
// a backup fail for it. They are reported (condition `storage_slow`) until they return.

#include "daemon/async/task.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
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

    explicit StorageWatch(
        ports::Time& time, UnansweredFolders unanswered_folders = [] { return std::vector<Unanswered>(); })
        : time_(time), unanswered_folders_(std::move(unanswered_folders)) {}

    /// `what`: "listing the backups"; `name`: of the folder, or empty. Each `what` is a subject of the condition, so
    /// there should be few.
    Call begin(std::string what, std::string name);

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
    std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

}  // namespace sb::engine
