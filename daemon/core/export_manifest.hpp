#pragma once
// The manifest of an export, from what its job knows and what an inspection found. Pure.

#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// What the job does not know.
struct InspectedExport {
    std::vector<BackupFile> files;
    std::optional<Verified> verified;
    std::vector<std::string> vm_tags;
    std::string cluster_host;
    UtcTime completed;
    std::string program;
};

Manifest export_manifest(Job const& job, InspectedExport inspected);

}  // namespace sb::core
