#pragma once
// Exports and imports: a limited number at a time; the others wait in state QUEUED in order of arrival. A job with the
// fault task_queued is held: it stays QUEUED without a slot, and lets others pass, until it is released.

#include "simulator/faults/fault.hpp"
#include "simulator/tasks/task_board.hpp"
#include "simulator/tasks/transfers.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

struct TransferJob {
    std::string tag;
    WorkerSpec spec;
    std::vector<Fault> faults;                   ///< of stage task
    std::function<void(Fault const&)> on_fault;  ///< vm_renamed and vm_deleted, when their percent is reached
    std::function<bool(Done const&)> on_done;    ///< false = the result is not usable
    std::function<void()> on_end;                ///< in every case, after the task has ended
};

class TransferDesk {
public:
    TransferDesk(Transfers& transfers, TaskBoard& tasks, std::size_t limit)
        : transfers_(transfers), tasks_(tasks), limit_(limit) {}

    void enqueue(TransferJob job);
    std::size_t running() const { return running_.size(); }
    std::size_t waiting() const { return queue_.size(); }
    std::size_t held() const { return held_.size(); }
    /// The held job with this tag, or all of them if it is empty, goes to the end of the queue. Returns their tags.
    std::vector<std::string> release(std::string_view tag);
    Transfers& transfers() { return transfers_; }
    /// Adds the faults that concern the worker to its spec.
    static void arm(WorkerSpec& spec, std::vector<Fault> const& faults);

private:
    struct Running {
        TransferJob job;
        std::uint64_t worker = 0;
    };

    void start_waiting();
    void heard(std::string const& tag, WorkerMessage const& message);
    /// Injects the faults whose percentage is reached. True if one has ended the task.
    bool inject(Running& running, int percent);
    void end(std::string const& tag);

    Transfers& transfers_;
    TaskBoard& tasks_;
    std::size_t limit_;
    std::deque<TransferJob> queue_;
    std::deque<TransferJob> held_;  ///< in order of arrival
    std::map<std::string, Running> running_;
};

}  // namespace sb::sim
