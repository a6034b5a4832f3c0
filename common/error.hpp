#pragma once
// What can go wrong in operation, as values. Exceptions are for bugs; an Error is for the world.

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace sb {

/// Every kind of failure that a caller may want to tell apart. The table in error.cpp gives each one
/// its name, JSON-RPC code, exit code of scale-backupctl, and whether trying again may help.
enum class Errc {
    cancelled = 1,        ///< we were asked to stop
    timed_out,            ///< a deadline of ours passed before anything irrevocable was sent
    outcome_unknown,      ///< a changing request was sent and its answer was lost: it may have happened
    maybe_rejected,       ///< an order was answered with 500: refused, but it may have been executed anyway
    unreachable,          ///< DNS, TCP or TLS did not get through
    pin_mismatch,         ///< the cluster's leaf certificate is not the one in the config
    credentials_refused,  ///< the cluster answered 401 (or 503 EInvalidSession)
    forbidden,            ///< the cluster answered 403: the user lacks a role
    rejected,             ///< the cluster answered with another error
    unavailable,     ///< the cluster cannot answer now (429, 500, 502, 503, 504): a reboot, an upgrade, too much work
    malformed,       ///< bytes that are not what the protocol promises
    task_failed,     ///< the cluster's task ended in ERROR
    not_found,       ///< no such VM, backup or job
    ambiguous_name,  ///< a name that two VMs share; address it by uuid
    name_in_use,     ///< the folder or VM exists already
    invalid_name,    ///< a name that the file system, SMB or Windows would refuse
    incomplete_backup,   ///< the folder lacks something that a restore needs
    damaged_backup,      ///< what is there contradicts itself
    refused,             ///< a rule of ours says no
    no_space,            ///< the disk is full
    io,                  ///< the local file system or database failed
    share_not_visible,   ///< the cluster wrote, but LocalPath does not show it
    invalid_config,      ///< the configuration has errors
    invalid_params,      ///< a call with parameters that make no sense
    not_permitted,       ///< the caller may not do this
    daemon_unreachable,  ///< no daemon listens on the control endpoint
    internal,            ///< a bug of ours
};

/// The stable name of a code, as used in JSON (`error_code`) and in the journal: "timed_out".
std::string_view name_of(Errc code);
/// The inverse of name_of; `internal` for a name that this version does not know.
Errc errc_from_name(std::string_view name);
/// The exit code of scale-backupctl for a failure of this kind (the README has the list).
int exit_code_of(Errc code);
/// The JSON-RPC error code (docs/json-rpc.md).
int rpc_code_of(Errc code);
/// Whether the same request may succeed later without anybody changing anything.
bool is_transient(Errc code);

/// What went wrong, and what we were doing: `code` is for programs, `context` for people.
struct Error {
    Errc code = Errc::internal;
    std::string context;

    bool operator==(Error const&) const = default;
};

/// Puts "what: " in front of the error's words, so that the outermost context is read first.
inline Error while_doing(Error e, std::string_view what) {
    e.context.insert(0, ": ");
    e.context.insert(0, what);
    return e;
}

template <class T>
using Result = boost::system::result<T, Error>;

/// Called by boost::system::result when value() meets an error: that is a bug, never control flow.
[[noreturn]] inline void throw_exception_from_error(Error const& e, boost::source_location const&) {
    throw std::logic_error("value() of a failed Result: " + e.context);
}

}  // namespace sb
