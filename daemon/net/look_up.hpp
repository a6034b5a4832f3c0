#pragma once
// Whether a name has an address.

#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/async/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace sb::net {

/// `unreachable` with the system's words; an address is its own. The system's resolver has its own patience.
task<Result<void>> look_up(asio::any_io_executor executor, std::string name);

}  // namespace sb::net
