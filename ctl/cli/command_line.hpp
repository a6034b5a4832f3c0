#pragma once
// Command line -> Invocation. Pure: what the environment and the system say is passed in.
// Boost.Program_options reads the options; only command_line.cpp includes it.

#include "common/error.hpp"
#include "ctl/cli/arguments.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::ctl {

/// Options that every command takes.
struct GlobalOptions {
    std::string socket;
    bool json = false;
    bool no_color = false;
};

/// What a command line asks for.
struct Invocation {
    GlobalOptions options;
    Arguments arguments;  ///< of the command to run
};

/// Where the control endpoint is when --socket does not say.
struct SocketSources {
    std::optional<std::string> environment;  ///< SCALE_BACKUP_SOCKET
    std::string system_default;
};

/// `words` without the program's name. The error is invalid_params (exit 2) and shows what was expected, with a
/// did-you-mean for a misspelt command or option. --help and --version become the commands `help` and `version`.
Result<Invocation> parse_command_line(std::vector<std::string> const& words, SocketSources const& sockets);

/// Whether the errors of a command line that cannot be read are to be JSON, too.
bool wants_json(std::vector<std::string> const& words);

}  // namespace sb::ctl
