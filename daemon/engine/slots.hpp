#pragma once
// The cluster's export slots: how many jobs may run at a time, and which is next.

#include "common/ids.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/job.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <list>

namespace sb::engine {

/// First come, first served, except that restores do not wait for exports that do not move. One thread; nothing here
/// blocks.
class Slots {
public:
    Slots(asio::any_io_executor executor, std::size_t capacity) : executor_(executor), capacity_(capacity) {}

    enum class Place { last, first };
    /// Returns true when the job holds a slot, false if withdraw() was called for it. `first`: before all that wait,
    /// for a job that has left its slot and comes back.
    task<bool> acquire(JobId job, core::JobKind kind = core::JobKind::backup, Place place = Place::last);
    /// Takes a slot immediately, even beyond the capacity: for tasks that are already running at the cluster.
    void occupy() { ++used_; }
    void release();
    /// The job no longer waits.
    void withdraw(JobId job);
    void set_capacity(std::size_t capacity);
    std::size_t capacity() const { return capacity_; }
    /// How many of the slots in use belong to exports that do not move: restores do not wait for them.
    void set_idle(std::size_t idle);
    /// While held, no export gets a slot.
    void hold_exports(bool held);

    std::size_t waiting() const { return waiters_.size(); }

private:
    enum class Answer { none, granted, withdrawn };
    struct Waiter {
        JobId job;
        core::JobKind kind;
        asio::steady_timer answered;  ///< never expires: an event
        Answer answer = Answer::none;
    };
    bool is_free_for(core::JobKind kind) const;
    void grant_free_slots();

    asio::any_io_executor executor_;
    std::size_t capacity_;
    std::size_t used_ = 0;
    std::size_t idle_ = 0;
    bool exports_held_ = false;
    std::list<Waiter> waiters_;
};

}  // namespace sb::engine
