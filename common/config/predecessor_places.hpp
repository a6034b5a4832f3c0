#pragma once
// Where the predecessor's configuration may lie. It looked into the folder in which it was started; a daemon that runs
// as root must not take a file there that somebody else could have put in, so each file has to be beyond doubt.

#include "common/config/config_file.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sb::config {

/// ./scale-backup.toml, ~/.scale-backup.toml and the system's, as absolute paths in this order. Without HOME two.
std::vector<std::filesystem::path> predecessor_places(EnvironmentLookup const& environment);

struct PredecessorFiles {
    std::filesystem::path taken;     ///< the first that may be taken; empty = none
    std::vector<std::string> notes;  ///< what each other file that is there was passed over for, in words
};

PredecessorFiles look_for_predecessor(std::vector<std::filesystem::path> const& places);

}  // namespace sb::config
