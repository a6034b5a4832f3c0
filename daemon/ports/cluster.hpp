#pragma once
// What the engine needs of a HyperCore cluster. Real: daemon/hypercore. Fake: tests/simulation.

#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/vm.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sb::ports {

struct ExportOrder {
    VmUuid vm;
    std::string folder;           ///< a folder directly under the share; the cluster makes it
    std::string definition_file;  ///< always set, so that it need not be guessed
};

struct ImportOrder {
    std::string folder;
    std::string definition_file;
    std::string vm_name;  ///< name of the new VM
};

/// The cluster's reply to an order.
struct OrderAccepted {
    TaskTag tag;     ///< never empty
    VmUuid created;  ///< import: the new VM
};

/// The cluster's VMs.
struct Vms : std::vector<core::Vm> {
    using vector::vector;
    bool complete = true;  ///< false = something in the reply could not be read and was skipped
};

/// One of the cluster's addresses, as the last call or check found it.
struct NodeReport {
    std::string host;             ///< as configured
    bool in_use = false;          ///< the next call goes there
    std::optional<bool> answers;  ///< empty = not tried yet
    bool wrong_certificate = false;
    std::string problem;  ///< in words, when it does not answer or is not trusted
};

/// Which cluster it is, whatever its addresses and certificates are.
struct ClusterIdentity {
    std::string uuid;  ///< in lower case; empty = the cluster does not say, or not clearly
    std::string name;  ///< for people; it can change
};

/// What the cluster's clock showed, as the `Date` header of a reply.
struct ClusterDate {
    UtcTime date;
    /// When that reply had arrived. A server dates a reply when it begins to write it, after the work, so at `received`
    /// its clock showed `date`, plus less than a second, plus the time that the reply took to arrive. (The middle
    /// between request and reply would be minutes off: that is how long the cluster works on some requests.)
    SteadyTime received;
};

/// Errors as in `Errc`. A changing call ends in `outcome_unknown` if the request may have been executed (sent in part
/// or whole, no usable reply), and in any other error only if it was not. `unavailable` of a changing call: the cluster
/// refused it because it has too much to do; worth another try later.
class Cluster {
public:
    virtual ~Cluster() = default;

    virtual task<Result<Vms>> list_vms() = 0;
    /// `not_found` if it does not exist.
    virtual task<Result<core::Vm>> get_vm(VmUuid uuid) = 0;
    virtual task<Result<OrderAccepted>> start_export(ExportOrder order) = 0;
    virtual task<Result<OrderAccepted>> start_import(ImportOrder order) = 0;
    /// An unknown or expired tag is not an error: its state is `absent`.
    virtual task<Result<core::TaskReport>> get_task(TaskTag tag) = 0;
    virtual task<Result<std::vector<core::TaskReport>>> list_tasks() = 0;
    /// Host (and port) as configured, for people; of several nodes the one in use.
    virtual std::string host() const = 0;
    /// Empty if the cluster has no addresses (a fake).
    virtual std::vector<NodeReport> nodes() const { return {}; }
    /// Connects to the nodes that are not in use, without sending a request or a password.
    virtual task<void> check_other_nodes() { co_return; }

    /// The adapter that calls go to at this moment, for a caller that must stay with it when a reload configures
    /// another cluster. Empty = this one, which never changes.
    virtual std::shared_ptr<Cluster> present() { return nullptr; }

    /// `forbidden` if the user may not see it. A cluster without a readable uuid is not an error: its uuid is empty.
    virtual task<Result<ClusterIdentity>> identity() { co_return ClusterIdentity(); }
    /// Of the last reply, to any call, with a usable date; of several nodes each has its own clock. Empty = none yet.
    virtual std::optional<ClusterDate> latest_date() const { return std::nullopt; }
    /// Whether the cluster is preparing or installing an update of its software. Only what surely means an update
    /// counts as one; an error means that the cluster could not be asked.
    virtual task<Result<bool>> update_in_progress() { co_return false; }
};

}  // namespace sb::ports
