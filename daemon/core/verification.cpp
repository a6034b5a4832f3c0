#include "daemon/core/verification.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sb::core {
namespace {

constexpr std::array<std::pair<Level, std::string_view>, 3> levels{
    {{Level::structure, "structure"}, {Level::content, "content"}, {Level::reread, "reread"}}};

/// The level for which a backup is due, and since when; nothing if it is up to date.
struct Due {
    Level level = Level::structure;
    UtcTime since;
};

std::optional<Due> due_of(VerifyCandidate const& backup, VerifyPolicy const& policy, Zone const& zone) {
    if (policy.structure && !backup.verified) return Due{Level::structure, backup.completed};
    auto const verified_at = content_verified_at(backup.verified);
    if (policy.content && !verified_at) return Due{Level::content, backup.completed};
    if (policy.reread_every && verified_at) return Due{Level::reread, add(*verified_at, *policy.reread_every, zone)};
    return std::nullopt;
}

/// Whether `a` comes before `b`.
bool more_urgent(Due const& a, Due const& b) {
    if (a.level != b.level) return a.level < b.level;
    return a.level == Level::reread ? a.since < b.since : a.since > b.since;
}

}  // namespace

std::string_view name_of(Level level) { return levels[static_cast<std::size_t>(level)].second; }

std::optional<Level> level_from_name(std::string_view name) {
    auto const it = std::ranges::find_if(levels, [name](auto const& row) { return row.second == name; });
    if (it == levels.end()) return std::nullopt;
    return it->first;
}

Verified with_verification(std::optional<Verified> before, Level level, UtcTime at) {
    Verified now = std::move(before).value_or(Verified{});
    // Manifests of version 0.1 name the level alone.
    if (now.level == "structure" && !now.structure) now.structure = now.at;
    auto& time = level == Level::structure ? now.structure : level == Level::content ? now.content : now.reread;
    time = at;
    if (level != Level::structure) now.structure = at;  // the structure is always checked before the content is read
    auto const highest = now.reread ? Level::reread : now.content ? Level::content : Level::structure;
    now.level = name_of(highest);
    now.at = *(highest == Level::reread ? now.reread : highest == Level::content ? now.content : now.structure);
    return now;
}

bool clears(Damage const& damage, Level passed) {
    // Reading content that was verified before always counts as reread, so a first reading never clears what a
    // comparison found.
    return passed >= level_from_name(damage.level).value_or(Level::reread);
}

std::optional<UtcTime> content_verified_at(std::optional<Verified> const& verified) {
    if (!verified) return std::nullopt;
    return std::max(verified->content, verified->reread);
}

bool may_read(ReadingTimes const& times, UtcTime now, Zone const& zone) {
    if (times.when == config::VerifyWhen::always || !times.window || times.window->always_open()) return true;
    return is_open(*times.window, now, zone) == (times.when == config::VerifyWhen::inside_window);
}

std::optional<UtcTime> next_reading_change(ReadingTimes const& times, UtcTime now, Zone const& zone) {
    if (times.when == config::VerifyWhen::always || !times.window) return std::nullopt;
    return next_change(*times.window, now, zone);
}

VerifyCandidate verify_candidate_of(Backup const& backup) {
    VerifyCandidate candidate{backup.name, backup.state, {}, {}, {}};
    if (!backup.manifest) return candidate;
    candidate.completed = backup.manifest->completed;
    candidate.verified = backup.manifest->verified;
    return candidate;
}

VerifyPlan plan_verification(std::vector<VerifyCandidate> const& backups, VerifyPolicy const& policy, UtcTime now,
                             Zone const& zone) {
    VerifyPlan plan;
    std::optional<Due> best;
    auto const wake = [&](UtcTime at) { plan.wake_at = plan.wake_at ? std::min(*plan.wake_at, at) : at; };
    for (auto const& backup : backups) {
        if (backup.state != BackupState::complete) continue;
        auto const due = due_of(backup, policy, zone);
        if (!due) continue;
        if (backup.not_before && *backup.not_before > now) {
            wake(*backup.not_before);
            continue;
        }
        if (due->level == Level::reread && due->since > now) {
            wake(due->since);
            continue;
        }
        if (best && !more_urgent(*due, *best)) continue;
        best = due;
        plan.next = NextVerification{backup.name, due->level};
    }
    return plan;
}

}  // namespace sb::core
