#pragma once
// How a coroutine ends that was told to stop: by an exception that passes through everything.

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>

namespace sb {

/// Whether the exception is the stop of a task group, and not a bug.
inline bool is_stop(std::exception const& e) {
    auto const* system = dynamic_cast<boost::system::system_error const*>(&e);
    return system != nullptr && system->code() == boost::asio::error::operation_aborted;
}

}  // namespace sb
