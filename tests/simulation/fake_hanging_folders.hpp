#pragma once
// Folders of a share in memory that do not answer, as the real catalog shows them.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sb::test {

class FakeHangingFolders {
public:
    std::set<std::string> hanging;
    bool keeps_listings = false;  ///< as the real one; set it before the listing that is to be known

    /// As a new process: what it has not read, it does not know.
    void forget_listings() { known_.clear(); }

protected:
    Result<core::Backup> if_it_answers(core::Backup backup) const {
        if (hanging.contains(backup.name)) return Error{Errc::io, "'" + backup.name + "': it does not answer"};
        return backup;
    }
    Result<std::vector<core::Backup>> as_listed(std::vector<core::Backup> all) {
        constexpr std::size_t most = 4;
        if (hanging.size() > most)
            return Error{Errc::io, "LocalPath is not listed, because too many folders do not answer"};
        for (auto& backup : all) {
            if (hanging.contains(backup.name)) backup = silent(backup.name);
            else if (keeps_listings) known_.insert_or_assign(backup.name, backup);
        }
        return all;
    }

private:
    /// What the last listing knew of it.
    core::Backup silent(std::string const& name) const {
        core::Backup backup;
        backup.name = backup.folder = name;
        if (auto const last = known_.find(name); last != known_.end()) backup = last->second;
        backup.is_unanswered = true;
        backup.state = core::BackupState::unverified;
        backup.problem = "it does not answer";
        return backup;
    }

    std::map<std::string, core::Backup> known_;
};

}  // namespace sb::test
