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

/// Which files an inspection found, and what it read of them, as text to compare: what a commit (another name),
/// `protect` and a verification change in a manifest is not in it.
std::string inspected_text(std::vector<BackupFile> const& files);
/// Whether this is the manifest that the job writes after its inspection: false before one has passed.
bool is_manifest_of(Job const& job, Manifest const& manifest);

}  // namespace sb::core
