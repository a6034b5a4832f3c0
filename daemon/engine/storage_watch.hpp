#pragma once
// Calls into LocalPath that do not return: a share whose server is gone can hang for hours, and no time limit may make
// a backup fail for it. They are reported (condition `storage_slow`) until they return.

#include "daemon/async/task.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

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

    /// What lists the backups. It reads many folders.
    static constexpr char const* listing = "listing the backups";

    /// `folder_being_listed`: at which one a listing is now; empty = not known.
    explicit StorageWatch(
        ports::Time& time, std::function<std::string()> folder_being_listed = [] { return std::string(); })
        : time_(time), folder_being_listed_(std::move(folder_being_listed)) {}

    /// `what`: "listing the backups"; `name`: of the folder, or empty. Each `what` is a subject of the condition, so
    /// there should be few.
    Call begin(std::string what, std::string name);

    /// Checks every few seconds, without end; each second while a call is reported, so that no report outlives its call
    /// for longer.
    task<void> run(ConditionRegistry& conditions);
    /// Raises and clears the conditions, as far as known now. Whether there is one.
    bool check(ConditionRegistry& conditions) const;

private:
    ports::Time& time_;
    std::function<std::string()> folder_being_listed_;
    std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

}  // namespace sb::engine
