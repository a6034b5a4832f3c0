#pragma once
// The calls for single disks as JSON: VirDomainSnapshot, VirDomainBlockDevice/clone, VirtualDisk.

#include "common/error.hpp"
#include "common/secret.hpp"
#include "daemon/ports/disks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::hypercore {

/// Body of POST /VirDomainSnapshot: AUTOMATED, the kind that expires, and not replicated.
Secret encode_snapshot(ports::SnapshotOrder const& order);
/// Body of POST /VirDomainBlockDevice/{uuid}/clone. `regenerateDiskID` is false: a guest may boot from the copy.
Secret encode_disk_clone(ports::DiskCloneOrder const& order);

/// The reply to GET /VirDomainSnapshot/{uuid}; `not_found` for an empty list.
Result<ports::Snapshot> decode_snapshot(std::string_view body, std::string const& asked);
Result<std::vector<ports::Medium>> decode_media(std::string_view body);
/// The Result object of a call that creates something; createdUUID must not be empty.
Result<ports::Creation> decode_creation(std::string_view body);

/// "/rest/v1/VirtualDisk/upload?filename=…&filesize=…"
std::string upload_target(std::string_view name, std::uint64_t size);

}  // namespace sb::hypercore
