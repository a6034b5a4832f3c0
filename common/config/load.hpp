#pragma once
// From config.toml to a Config: reads, parses and checks, and reports all problems at once.
// docs/config.md describes every key. Nothing here logs, and no input crashes the process.

#include "common/config/model.hpp"
#include "common/config/problem.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sb::config {

/// Larger configurations are rejected unread.
inline constexpr std::size_t max_config_bytes = 1024 * 1024;

struct Loaded {
    Config config;                  ///< complete only if there are no problems
    std::vector<Problem> problems;  ///< in order of place; empty = the config may be used
    std::vector<Problem> warnings;  ///< usable, but worth a check (a password that is sent unencrypted)

    bool ok() const { return problems.empty(); }
};

/// Reads and checks a file. A file that is missing, unreadable, not a regular file or too large is a problem as well.
/// `credentials`: the service manager's folder of secrets (CREDENTIALS_DIRECTORY), which is searched first for a
/// PasswordFile that is a bare name; empty = there is none.
Loaded load(std::filesystem::path const& path, std::filesystem::path const& credentials = {});

/// Checks a text. The problems name `filename`; a relative PasswordFile is relative to its folder.
Loaded parse(std::string_view text, std::string const& filename, std::filesystem::path const& credentials = {});

}  // namespace sb::config
