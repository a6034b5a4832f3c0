#pragma once
// What the operations on single disks need of a HyperCore cluster. Real: daemon/hypercore. Fake: tests/simulation.

#include "common/error.hpp"
#include "daemon/async/byte_source.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/vm.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sb::ports {

struct SnapshotOrder {
    VmUuid vm;
    std::string label;
    std::int64_t taken = 0;         ///< unix seconds: automatedTriggerTimestamp
    std::int64_t retain_until = 0;  ///< unix seconds: the cluster deletes it after that
};

struct DiskCloneOrder {
    DiskUuid disk;         ///< as it is now
    std::string snapshot;  ///< its uuid
    VmUuid target;
    std::string type;
    std::uint64_t capacity_bytes = 0;
    std::string cache_mode = {};                        ///< of the source; empty = the cluster's default
    std::optional<std::int64_t> tiering_priority = {};  ///< of the source
};

/// The cluster's reply to an order that creates something.
struct Creation {
    TaskTag tag;          ///< may be empty after an upload
    std::string created;  ///< uuid of what is created; never empty
};

struct Snapshot {
    std::string uuid;
    std::vector<DiskUuid> disks;  ///< those that it holds
};

/// An uploaded image (the cluster's word: virtual disk). While it is uploaded and converted, its name has a prefix:
/// "uploading-", "converting-".
struct Medium {
    std::string uuid;
    std::string name;
    std::uint64_t capacity_bytes = 0;
};

/// Errors as in Cluster: a changing call ends in `outcome_unknown` if it may have been executed.
class Disks {
public:
    virtual ~Disks() = default;

    /// As Cluster::present().
    virtual std::shared_ptr<Disks> present() { return nullptr; }

    /// A snapshot that expires and is not replicated.
    virtual task<Result<Creation>> take_snapshot(SnapshotOrder order) = 0;
    /// `not_found` if it does not exist (any longer).
    virtual task<Result<Snapshot>> get_snapshot(std::string uuid) = 0;
    /// A new disk of `target` with the content of `disk` in that snapshot; the guest sees the same disk identity.
    virtual task<Result<Creation>> clone_disk(DiskCloneOrder order) = 0;

    virtual task<Result<std::vector<Medium>>> list_media() = 0;
    /// Sends all of `content`, once: nothing is retried after the first byte.
    virtual task<Result<Creation>> upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) = 0;
};

}  // namespace sb::ports
