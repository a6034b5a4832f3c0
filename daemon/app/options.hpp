#pragma once
// The command line of scale-backupd.

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace sb::app {

struct Options {
    std::optional<std::filesystem::path> config;
    std::optional<std::filesystem::path> socket;     ///< overrides [Daemon] Socket
    std::optional<std::filesystem::path> state_dir;  ///< overrides [Daemon] StateDir
    std::optional<config::LogLevel> log_level;       ///< overrides [Daemon] LogLevel
    bool check_config = false;
    bool version = false;
    bool help = false;
};

/// Errc::invalid_params with a message for the user.
Result<Options> parse_options(int argc, char const* const* argv);

/// The text of --help.
std::string usage();

}  // namespace sb::app
