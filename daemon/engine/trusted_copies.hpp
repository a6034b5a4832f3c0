#pragma once
// The backups that the journal vouches for, as they are needed on every look at LocalPath: in memory, and recorded
// before they count. What that means: core/trusted_copy.hpp.

#include "daemon/async/async_mutex.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/trusted_copy.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace sb::engine {

class TrustedCopies {
public:
    TrustedCopies(ports::Journal& journal, ports::Time& time) : journal_(journal), time_(time) {}

    /// Before LocalPath is read: without it, every backup would be a claim.
    task<Result<void>> load();
    /// Null: what the manifest says is only a claim. Valid until something here is changed.
    core::TrustedCopy const* find(core::Manifest const& manifest) const;
    /// Call it for each change of a job: the record of its success is also that of its backup.
    void note(core::Job const& job);
    /// Counts once it is recorded.
    task<Result<void>> add(core::TrustedCopy copy);
    /// Keeps the proof of a copy that is known (core::proof_of()). Without effect if it is no longer known.
    task<Result<void>> set_proof(std::string key, std::string proof);
    /// A person accepted it as complete. Likewise.
    task<Result<void>> set_accepted(std::string key, UtcTime at);
    /// What was computed when its content was first read. Likewise.
    task<Result<void>> set_digest_root(std::string key, std::string root);
    /// By a person's order. Likewise.
    task<Result<void>> set_protected(std::string key, bool is_protected);
    /// What a verification found; nothing: it found none. Likewise.
    task<Result<void>> set_damage(std::string key, std::optional<core::Damage> damage);
    /// Those without a proof.
    std::vector<core::TrustedCopy> unproven() const;
    /// Call it with all folders of the right LocalPath, and the names that wait in the trash: what is in neither is
    /// forgotten after a week.
    task<Result<void>> note_existing(std::vector<core::Backup> backups, std::set<std::string> in_trash);

private:
    task<Result<void>> change(std::string key, std::function<void(core::TrustedCopy&)> make_change);
    task<Result<void>> save(std::vector<core::TrustedCopy> copies, std::vector<core::TrustedCopy> forgotten);

    ports::Journal& journal_;
    ports::Time& time_;
    std::unordered_map<std::string, core::TrustedCopy> copies_;  ///< by core::trust_key()
    AsyncMutex changing_;                                        ///< a change is based on what is there: one at a time
};

}  // namespace sb::engine
