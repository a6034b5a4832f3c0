#pragma once
// Command line -> Invocation. Pure: what the environment and the system say is passed in.
// Boost.Program_options stands behind it and is seen by command_line.cpp alone.

#include "common/error.hpp"
#include "ctl/command.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::ctl {

/// Where the control endpoint is when --socket does not say.
struct SocketSources {
    std::optional<std::string> environment;  ///< SCALE_BACKUP_SOCKET
    std::string system_default;
};

/// `arguments` without the program's name. The error is invalid_params (exit 2) and says what was
/// expected, with a did-you-mean for a misspelt command or option.
Result<Invocation> parse_command_line(std::vector<std::string> const& arguments, SocketSources const& sockets);

}  // namespace sb::ctl
