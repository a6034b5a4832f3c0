#pragma once
// How far backups are verified, and which one to verify next. Pure: the same facts always give the same answer.

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
    structure,  ///< definition, disks, headers and tables agree with each other and with the cluster's report
    content,    ///< every byte was read and its digest recorded
    reread,     ///< read again later, with the same digests
};

std::string_view name_of(Level level);
std::optional<Level> level_from_name(std::string_view name);

/// The result after `level` was verified at `at`.
Verified with_verification(std::optional<Verified> before, Level level, UtcTime at);
/// Whether passing this level clears the damage: the check must be at least as thorough as the one that found it.
bool clears(Damage const& damage, Level passed);
/// When the content was last verified, by either level.
std::optional<UtcTime> content_verified_at(std::optional<Verified> const& verified);

struct VerifyPolicy {
    bool structure = true;
    bool content = false;
    std::optional<config::CivilDuration> reread_every;
};

/// When scheduled verification may read.
struct ReadingTimes {
    config::VerifyWhen when = config::VerifyWhen::outside_window;
    std::optional<DailyWindow> window;  ///< none configured, or always open: any time
};
bool may_read(ReadingTimes const& times, UtcTime now, Zone const& zone);
/// The next moment at which that may change; empty if it never does.
std::optional<UtcTime> next_reading_change(ReadingTimes const& times, UtcTime now, Zone const& zone);

/// A backup, reduced to what the planning needs.
struct VerifyCandidate {
    std::string name;
    BackupState state = BackupState::unverified;
    UtcTime completed;
    std::optional<Verified> verified;
    std::optional<UtcTime> not_before;  ///< the last attempt failed for a possibly temporary reason
};
VerifyCandidate verify_candidate_of(Backup const& backup);

struct NextVerification {
    std::string backup;
    Level level = Level::structure;
    bool operator==(NextVerification const&) const = default;
};
struct VerifyPlan {
    std::optional<NextVerification> next;  ///< due now
    std::optional<UtcTime> wake_at;        ///< otherwise, when the next one becomes due
};
/// Unverified structures first, then unverified contents, the newest backup first: it is the most likely to be needed.
/// Then the content whose last verification is oldest, if that is older than RereadEvery. Complete backups only; a
/// damaged one waits for an administrator.
VerifyPlan plan_verification(std::vector<VerifyCandidate> const& backups, VerifyPolicy const& policy, UtcTime now,
                             Zone const& zone);

}  // namespace sb::core
