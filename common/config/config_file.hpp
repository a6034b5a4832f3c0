#pragma once
// Which config.toml is used: --config, then SCALE_BACKUP_CONFIG, then the system's places, then the predecessor's.

#include "common/error.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sb::config {

/// Gives the value of an environment variable, or nothing if it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string const& name)>;

struct ConfigPlaces {
    std::vector<std::filesystem::path> ours;
    std::vector<std::filesystem::path> predecessors;  ///< taken only if nobody else could have put them there
};

struct FoundConfig {
    std::filesystem::path path;
    std::vector<std::string> notes;  ///< what somebody should know of the choice: files that were passed over, and why
};

/// A file named by the caller or by the environment is taken as it is (load() reports it if it is missing); of the
/// places the first that has one. Errc::invalid_config names the places that were searched.
Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment, ConfigPlaces const& places);

/// The same with this system's places.
Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment);

}  // namespace sb::config
