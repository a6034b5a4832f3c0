#pragma once
// What the control protocol's methods speak of: VMs, backups, jobs. Field names in JSON are those of the members
// (is_protected is "protected").

#include "common/ids.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::rpc {

struct DiskInfo {
    std::string uuid;
    std::string type;  ///< the cluster's word: VIRTIO_DISK, IDE_CDROM, NVRAM …
    std::uint64_t capacity_bytes = 0;
    std::uint64_t allocation_bytes = 0;
};

struct VmInfo {
    std::string uuid;
    std::string name;
    std::vector<std::string> tags;
    std::string state;  ///< the cluster's word: RUNNING, SHUTOFF …
    std::vector<DiskInfo> disks;
    bool eligible = false;
    std::string reason;  ///< why it is not eligible for scheduled backups; empty if it is
};

struct VerifiedInfo {
    std::string level;  ///< "structure", "content" or "reread"
    UtcTime at;
};

struct BackupInfo {
    std::string name;  ///< the folder's name
    std::string vm;
    std::string vm_uuid;
    std::string state;  ///< exporting, complete, unverified, incomplete, damaged
    bool scheduled = false;
    bool is_protected = false;  ///< "protected" in JSON
    std::optional<UtcTime> started;
    std::optional<UtcTime> completed;
    std::uint64_t size_bytes = 0;
    std::optional<VerifiedInfo> verified;
    std::string problem;  ///< in words, for every state but complete
};

struct JobInfo {
    JobId id = 0;
    std::string kind;  ///< backup, restore, verify …
    std::string vm;
    std::string vm_uuid;
    std::string backup;
    std::string level;  ///< verify: what is to be proven
    bool scheduled = false;
    std::string state;  ///< queued, running, succeeded, failed, cancelled, lost
    std::string phase;  ///< queued, preparing, pre_hook, posting, resolving, following, inspecting, reading,
                        ///< committing, discarding, post_hook, finished
    std::optional<int> percent;
    std::string task_tag;
    std::optional<std::string> error;   ///< for people
    std::vector<std::string> warnings;  ///< what went wrong without ending the job, in words
    std::string error_code;             ///< for programs: name_of(Errc), empty without an error
    bool cancel_requested = false;
    std::uint64_t expected_bytes = 0;  ///< what the export is expected to write; 0 = unknown
    UtcTime queued;
    std::optional<UtcTime> started;
    std::optional<UtcTime> finished;
};

}  // namespace sb::rpc
