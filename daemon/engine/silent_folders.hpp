#pragma once
// The folders of LocalPath that do not answer now, and what their backups were when they last did: silence is no proof
// that a backup is gone or damaged, and it does not undo a proof.

#include "daemon/core/manifest.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

class SilentFolders {
public:
    /// Call it with each listing, and with the one before it; both sorted by name.
    void note(std::vector<core::Backup> const& before, std::vector<core::Backup> const& listed);
    /// Nothing: this folder answers, or it has not answered since the start.
    std::optional<core::BackupState> state_before(std::string const& folder) const;

private:
    std::map<std::string, core::BackupState> states_;
};

}  // namespace sb::engine
