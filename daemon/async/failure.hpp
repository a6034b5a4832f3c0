#pragma once
// Exceptions at the edge of a coroutine: a stop, which passes through everything, or a bug, which is reported.

#include "common/error.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <string>

namespace sb {

/// Whether the exception is the stop of a task group, and not a bug.
inline bool is_stop(std::exception const& e) {
    auto const* system = dynamic_cast<boost::system::system_error const*>(&e);
    return system != nullptr && system->code() == boost::asio::error::operation_aborted;
}

/// What the exception says, for a log.
inline std::string exception_text(std::exception_ptr const& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "an unknown exception";
    }
}

/// A bug: "internal error: " and what the exception says, for logs, jobs and alerts.
inline Error internal_error(std::string const& what) { return {Errc::internal, "internal error: " + what}; }

/// The same for a client, which gets no details.
inline Error internal_error_in(std::string const& call) {
    return {Errc::internal, "internal error in " + call + "; see the daemon's log"};
}

}  // namespace sb
