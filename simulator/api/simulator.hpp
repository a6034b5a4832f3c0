#pragma once
// Everything that a handler may use: the world, its tasks, disks and faults. Single-threaded, no locks.

#include "simulator/api/message.hpp"
#include "simulator/disks/disk_store.hpp"
#include "simulator/faults/fault.hpp"
#include "simulator/tasks/task_board.hpp"
#include "simulator/tasks/timeline.hpp"
#include "simulator/tasks/transfer_desk.hpp"
#include "simulator/tasks/transfers.hpp"
#include "simulator/world/world.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>

namespace sb::sim {

/// Behaviour that differs between versions of the real cluster, or that no source defines.
struct Behaviour {
    bool session_errors_are_503 = false;  ///< the vendor's document says 503, real clusters say 401
    bool plain_text_400 = false;          ///< the request validator's text in place of {"error"}
    bool smb_errors_fail_post = false;    ///< a bad share fails the export's POST, not its task
    bool changing = false;                ///< guests write some data before each export
    double changing_share = 0.001;
    bool round_images_to_mib = false;  ///< an exported image is as large as the blocks of 1 MiB that hold its disk
    std::int64_t session_seconds = 12 * 3600;
    Milliseconds task_time{200};        ///< how long small tasks take
    Milliseconds shutdown_time{1000};   ///< time from SHUTDOWN to SHUTOFF
    Milliseconds conversion_time{300};  ///< time until an upload named converting- gets its final name
    /// What `GET /Cluster` requires; no source documents it. "Cluster Settings" refuses it to roles that only back up.
    std::string cluster_permission = "Cluster Read";
};

/// Transfer speed, and shares that are mapped to local folders.
struct TransferSettings {
    double seconds = 0;                            ///< each transfer takes at least this long; 0 = see `speed`
    std::int64_t speed = 0;                        ///< bytes of capacity per second; 0 = as fast as possible
    std::map<std::string, std::string> share_map;  ///< "HOST/SHARE" -> local folder
};

struct Stats {
    std::uint64_t requests = 0;
    std::map<std::string, std::uint64_t> by_route;  ///< "GET /rest/v1/VirDomain/{}"
    std::map<int, std::uint64_t> by_status;
    std::uint64_t connections = 0;
    std::uint64_t closed_by_server = 0;
    std::uint64_t full_handshakes = 0;
    std::uint64_t resumed_handshakes = 0;
    std::uint64_t failed_handshakes = 0;
};

struct LoggedRequest {
    int node = 1;
    std::string method;
    std::string target;
    std::string authorization;
    std::string body;
};

struct Simulator {
    World world;
    Timeline timeline;
    TaskBoard tasks;
    DiskStore disks;
    FaultPlan faults;
    TransferDesk desk;
    Behaviour behaviour;
    TransferSettings transfer;
    Stats stats;
    std::deque<LoggedRequest> log;  ///< the last ones, newest at the end
    std::function<std::int64_t()> now;
    unsigned update_responses = 0;  ///< of update_status.json so far
    /// Set by the program, which owns the sockets: the effect of a fault on the node with this number.
    std::function<void(int node, Fault const& fault)> trouble_node = [](int, Fault const&) {};
    /// Set by the program, which owns the clock: `now` and the times of tasks are this far from the machine's.
    std::function<void(std::int64_t seconds)> shift_clock = [](std::int64_t) {};

    /// A small task: it runs now; after behaviour.task_time `effect` is applied and it is COMPLETE. Returns the tag.
    std::string small_task(Task task, Timeline::Event effect);
    Task task_for(Request const& request, std::string kind, std::string description, std::string parameter,
                  std::string object_uuid) const;
    /// Creates the missing disk files; `fill_percent` of each holds data.
    Result<void> make_disk_files(Vm const& vm, int fill_percent);
    void remove_vm(std::string const& uuid);
    void remove_snapshot(std::string const& uuid);
    /// Takes a snapshot including the content of its disks; `snapshot` has the values of the request.
    Result<std::string> take_snapshot(Vm& vm, Snapshot snapshot);
    /// Simulates writes of the guest; returns the bytes written on all its disks.
    Result<std::int64_t> mutate(Vm const& vm, double share);
    void refresh_allocation(Vm& vm) const;
};

}  // namespace sb::sim
