#pragma once
// Everything that a handler may touch: the world, its tasks, disks and faults. One thread, no locks.

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

/// Behaviour that differs between versions of the real thing, or that no source settles.
struct Manners {
    bool session_errors_are_503 = false;  ///< the vendor's document says 503, real clusters say 401
    bool plain_text_400 = false;          ///< the request validator's text in place of {"error"}
    bool smb_errors_fail_post = false;    ///< a bad share fails the export's POST, not its task
    bool changing = false;                ///< guests write a little before each export
    double changing_share = 0.001;
    std::int64_t session_seconds = 12 * 3600;
    Milliseconds task_time{200};        ///< how long small tasks take
    Milliseconds shutdown_time{1000};   ///< a guest's way from SHUTDOWN to SHUTOFF
    Milliseconds conversion_time{300};  ///< an upload's way from converting- to its name
};

/// How fast disks travel, and which shares are plain folders here.
struct TransferSettings {
    double seconds = 0;                            ///< each transfer takes at least so long; 0 = see `speed`
    std::int64_t speed = 0;                        ///< bytes of capacity a second; 0 = as fast as possible
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
    Manners manners;
    TransferSettings transfer;
    Stats stats;
    std::deque<LoggedRequest> log;  ///< the last ones, newest at the back
    std::function<std::int64_t()> now;
    /// Set by the program, which has the sockets: what happens to the node of this number.
    std::function<void(int node, Fault const& fault)> trouble_node = [](int, Fault const&) {};

    /// A small task: it runs now, and after manners.task_time `effect` happens and it is COMPLETE. Returns the tag.
    std::string small_task(Task task, Timeline::Event effect);
    Task task_for(Request const& request, std::string kind, std::string description, std::string parameter,
                  std::string object_uuid) const;
    /// Makes the file of every disk that has none; `fill_percent` of it holds data.
    Result<void> make_disk_files(Vm const& vm, int fill_percent);
    void remove_vm(std::string const& uuid);
    void remove_snapshot(std::string const& uuid);
    /// Takes a snapshot, its disks' content included; `snapshot` holds what the request said.
    Result<std::string> take_snapshot(Vm& vm, Snapshot snapshot);
    /// Lets the guest write; returns the bytes written on all its disks.
    Result<std::int64_t> mutate(Vm const& vm, double share);
    void refresh_allocation(Vm& vm) const;
};

}  // namespace sb::sim
