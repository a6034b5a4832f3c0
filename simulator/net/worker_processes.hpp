#pragma once
// Transfers in child processes: this program with --transfer-worker.

#include "common/task.hpp"
#include "simulator/tasks/transfers.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sb::sim {

class WorkerProcesses final : public Transfers {
public:
    /// `program`: the path of our own executable.
    WorkerProcesses(asio::any_io_executor executor, std::string program);
    WorkerProcesses(WorkerProcesses const&) = delete;
    WorkerProcesses& operator=(WorkerProcesses const&) = delete;
    ~WorkerProcesses() override;  ///< kills running workers

    std::uint64_t start(WorkerSpec spec, OnMessage on_message) override;
    void kill(std::uint64_t id) override;

private:
    struct Worker;

    /// A process that waits for its spec; pid -1 and `failure` (an errno) if it could not be started.
    std::shared_ptr<Worker> spawn_worker(int& failure);
    task<void> feed(std::shared_ptr<Worker> worker, std::string spec);
    task<void> listen(std::shared_ptr<Worker> worker);
    task<void> reap();
    void report_failure(std::shared_ptr<Worker> worker, std::string message);

    asio::any_io_executor executor_;
    std::string program_;
    asio::signal_set child_events_;
    std::map<std::uint64_t, std::shared_ptr<Worker>> workers_;
    std::vector<int> pids_;  ///< started, but not yet reaped
    std::uint64_t next_id_ = 1;
};

}  // namespace sb::sim
