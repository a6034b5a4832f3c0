#pragma once
// How a transfer fails inside the worker: with the words that a cluster would put into the task's message.

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

/// "NT_STATUS_DISK_FULL" and the errno words, as a file server's refusal reaches the message of a task.
/// `what` says what was tried, without passwords.
Failed refused_by_share(std::string what, std::string nt_status, int error_number);
/// The same with the status that SMB servers give for this errno.
Failed refused_by_share(std::string what, int error_number);
/// Trouble on the cluster's own side: its disks, a definition that makes no sense.
Failed failed_here(Error const& error);

}  // namespace sb::sim
