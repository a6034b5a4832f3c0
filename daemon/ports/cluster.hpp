#pragma once
// What the engine needs of a HyperCore cluster. Real: daemon/hypercore. Fake: tests/simulation.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/vm.hpp"

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

/// Errors as in `Errc`. A changing call ends in `outcome_unknown` if the request may have been executed (sent in part
/// or whole, no usable reply), and in any other error only if it was not.
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
};

}  // namespace sb::ports
