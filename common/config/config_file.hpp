#pragma once
// Which config.toml is used: --config, then SCALE_BACKUP_CONFIG, then the system's locations, then the predecessor's.

#include "common/error.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sb::config {

/// Returns the value of an environment variable, or nothing if it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string const& name)>;

struct ConfigPlaces {
    std::vector<std::filesystem::path> ours;
    std::vector<std::filesystem::path> predecessors;  ///< used only if no other user could have put them there
};

struct FoundConfig {
    std::filesystem::path path;
    std::vector<std::string> notes;  ///< remarks on the choice: files that were skipped, and why
};

/// A file named by the caller or by the environment is used as it is (load() reports it if it is missing); otherwise
/// the first place that has one. Errc::invalid_config names the places that were searched.
Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment, ConfigPlaces const& places);

/// The same with this system's places.
Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment);

// ---- the predecessor's ----------------------------------------------------------------------------

/// ./scale-backup.toml, ~/.scale-backup.toml and the system's, as absolute paths in this order. Without HOME only two.
std::vector<std::filesystem::path> predecessor_places(EnvironmentLookup const& environment);

struct PredecessorFiles {
    std::filesystem::path taken;     ///< the first that may be used; empty = none
    std::vector<std::string> notes;  ///< why each other existing file was skipped
};

/// The predecessor also searched the folder in which it was started; a daemon that runs as root must not use a file
/// there that another user could have written, so each file is checked.
PredecessorFiles search_predecessor(std::vector<std::filesystem::path> const& places);

}  // namespace sb::config
