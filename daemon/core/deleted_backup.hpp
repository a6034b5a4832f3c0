#pragma once
// A backup that waits in the trash, from which it can be taken back. Values only; the journal stores exactly this.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <string>

namespace sb::core {

struct DeletedBackup {
    std::string entry;   ///< its folder's name in the trash
    std::string backup;  ///< its name before
    VmUuid vm;
    std::string vm_name;
    std::string cluster_uuid;      ///< of the cluster that made it; empty = not known
    std::string installation;      ///< the daemon that deleted it: another one's entries are not touched
    std::uint64_t size_bytes = 0;  ///< what removing it frees on the disk
    UtcTime deleted;
    std::string manifest;  ///< core::identity_of() its manifest; empty = recorded by an earlier version
    std::string why;       ///< for people: the rule, or who asked
    bool operator==(DeletedBackup const&) const = default;
};

}  // namespace sb::core
