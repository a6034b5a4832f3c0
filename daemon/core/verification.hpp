#pragma once
// How far backups are proven, and which one is to be proven next. Pure: the same facts always give the same answer.

#include "common/config/model.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/window.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::core {

enum class Level {
    structure,  ///< definition, disks, headers and tables agree with each other and with what the cluster told
    content,    ///< every byte was read and its digest written down
    reread,     ///< read again later, and it still had these digests
};

std::string_view name_of(Level level);
std::optional<Level> level_from_name(std::string_view name);

/// What stands after `level` was proven at `at`.
Verified with_proof(std::optional<Verified> before, Level level, UtcTime at);
/// Whether a proof of this level, passed, takes back what was found: it must have looked at least as closely.
bool clears(Damage const& damage, Level passed);
/// When the content was proven last, by whichever level.
std::optional<UtcTime> content_proven_at(std::optional<Verified> const& verified);

struct VerifyPolicy {
    bool structure = true;
    bool content = false;
    std::optional<config::CivilDuration> reread_every;
};

/// When the daemon may read by itself.
struct ReadingTimes {
    config::VerifyWhen when = config::VerifyWhen::outside_window;
    std::optional<DailyWindow> window;  ///< none configured, or one that is always open: any time will do
};
bool may_read(ReadingTimes const& times, UtcTime now, Zone const& zone);
/// The next moment at which that may change; empty if it never does.
std::optional<UtcTime> next_reading_change(ReadingTimes const& times, UtcTime now, Zone const& zone);

/// A backup as far as this is concerned.
struct Provable {
    std::string name;
    BackupState state = BackupState::unverified;
    UtcTime completed;
    std::optional<Verified> verified;
    std::optional<UtcTime> not_before;  ///< the last attempt failed for a reason that may pass
};
Provable provable_of(Backup const& backup);

struct NextProof {
    std::string backup;
    Level level = Level::structure;
    bool operator==(NextProof const&) const = default;
};
struct ProofPlan {
    std::optional<NextProof> next;   ///< due now
    std::optional<UtcTime> wake_at;  ///< else, when the next one falls due
};
/// Never proven structures first, then never proven contents, the newest backup first: it is the one that will be
/// wanted. Then the content whose last proof is oldest, if it is older than RereadEvery. Only complete backups; a
/// damaged one waits for a person.
ProofPlan plan_proofs(std::vector<Provable> const& backups, VerifyPolicy const& policy, UtcTime now, Zone const& zone);

}  // namespace sb::core
