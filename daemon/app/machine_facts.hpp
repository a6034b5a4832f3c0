#pragma once
// What this machine alone shows of its set-up, for a health check. Blocking: a stalled file system or name service
// makes these calls hang.

#include "common/config/model.hpp"
#include "common/error.hpp"
#include "daemon/doctor/facts.hpp"
#include "daemon/ports/catalog.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sb::app {

/// Everything but LocalPath.
doctor::LocalFacts inspect_own(config::Config const& config, std::vector<std::string> const& config_warnings);

struct LocalPathFacts {
    Result<void> writable;
    Result<ports::Space> space;
};

LocalPathFacts inspect_local_path(std::filesystem::path const& path);

}  // namespace sb::app
