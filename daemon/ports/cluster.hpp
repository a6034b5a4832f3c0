#pragma once
// What the engine needs of a HyperCore cluster. Real: daemon/hypercore. Fake: tests/support.

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
    std::string definition_file;  ///< always given, so that nobody has to guess it
};

struct ImportOrder {
    std::string folder;
    std::string definition_file;
    std::string vm_name;  ///< name of the new VM
};

/// The cluster's answer to an order.
struct OrderTaken {
    TaskTag tag;     ///< never empty
    VmUuid created;  ///< import: the new VM
};

/// The cluster's VMs.
struct Vms : std::vector<core::Vm> {
    using vector::vector;
    bool complete = true;  ///< false = something in the answer could not be understood and was left out
};

/// One of the cluster's addresses, as the last call or look found it.
struct NodeReport {
    std::string host;             ///< as configured
    bool in_use = false;          ///< the next call goes there
    std::optional<bool> answers;  ///< empty = not tried yet
    bool wrong_certificate = false;
    std::string problem;  ///< in words, when it does not answer or is not believed
};

/// Errors are as `Errc` says. A changing call ends in `outcome_unknown` if the request may have been
/// carried out (sent in part or whole, no usable answer), and in any other error only if it was not.
class Cluster {
public:
    virtual ~Cluster() = default;

    virtual task<Result<Vms>> list_vms() = 0;
    /// `not_found` if there is none.
    virtual task<Result<core::Vm>> get_vm(VmUuid uuid) = 0;
    virtual task<Result<OrderTaken>> start_export(ExportOrder order) = 0;
    virtual task<Result<OrderTaken>> start_import(ImportOrder order) = 0;
    /// An unknown or expired tag is no error: its state is `absent`.
    virtual task<Result<core::TaskReport>> get_task(TaskTag tag) = 0;
    virtual task<Result<std::vector<core::TaskReport>>> list_tasks() = 0;
    /// Host (and port) as configured, for people; of several nodes the one in use.
    virtual std::string host() const = 0;
    /// Empty if the cluster is no matter of addresses.
    virtual std::vector<NodeReport> nodes() const { return {}; }
    /// Tries the nodes that are not in use, without a request or a password.
    virtual task<void> look_around() { co_return; }
};

}  // namespace sb::ports
