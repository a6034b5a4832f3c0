#pragma once
// Failures of a transfer inside the worker, with the message that a cluster would put into the task.

#include "simulator/transfer/worker_protocol.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace sb::sim {

template <class T>
using Outcome = boost::system::result<T, Failed>;

[[noreturn]] inline void throw_exception_from_error(Failed const& failed, boost::source_location const&) {
    throw std::logic_error("value() of a failed Outcome: " + failed.message);
}

/// "NT_STATUS_DISK_FULL" and the text of the errno, as a file server's refusal appears in the message of a task.
/// `what` describes the failed operation, without passwords.
Failed refused_by_share(std::string what, std::string nt_status, int error_number);
/// The same, with the status that SMB servers return for this errno.
Failed refused_by_share(std::string what, int error_number);
/// Problems on the cluster's side: its disks, an invalid definition.
Failed failed_here(Error const& error);

}  // namespace sb::sim
