#pragma once
// Which config.toml is used: --config, then SCALE_BACKUP_CONFIG, then the system's places.

#include "common/error.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sb::config {

/// Gives the value of an environment variable, or nothing if it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string const& name)>;

/// A file named by the caller or by the environment is taken as it is (load() reports it if it is missing); of the
/// candidates the first that exists. Errc::invalid_config names the places that were searched.
Result<std::filesystem::path> find_config_file(std::optional<std::filesystem::path> const& named,
                                               EnvironmentLookup const& environment,
                                               std::vector<std::filesystem::path> const& candidates);

/// The same with this system's places as candidates.
Result<std::filesystem::path> find_config_file(std::optional<std::filesystem::path> const& named,
                                               EnvironmentLookup const& environment);

}  // namespace sb::config
