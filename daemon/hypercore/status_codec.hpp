#pragma once
// What the cluster says about itself as JSON: which cluster it is, and whether it is being updated. Pure and lenient:
// both only inform decisions, and neither may stop backups because a version of HyperCore writes it differently.

#include "common/error.hpp"
#include "daemon/ports/cluster.hpp"

#include <string_view>

namespace sb::hypercore {

/// The reply to GET /Cluster, a list of one cluster (or the cluster alone). The uuid is empty if it is missing or not
/// a uuid, or if there is not exactly one cluster. `malformed` if it is not JSON, or neither a list nor an object.
Result<ports::ClusterIdentity> decode_identity(std::string_view body);

/// The file /update/update_status.json. True only for words that are known to mean an update: the phase of preparation
/// downloads, or the installation executes. Anything else is no update: other words, an error, a page, no JSON.
bool decode_update_in_progress(std::string_view body);

}  // namespace sb::hypercore
