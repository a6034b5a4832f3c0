#include "daemon/engine/moved_backups.hpp"

#include "common/text/whole_number.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>

namespace sb::engine {

using namespace core;

namespace {

/// "1763874999999 1a2b3c4d /mnt/backups": since when, mark, path. Since when: 0 = from the beginning.
constexpr auto place_fact = "schedule_place";

}  // namespace

task<std::optional<UtcTime>> MovedBackups::in_use_since() {
    auto const mark = co_await dependencies_.catalog.storage_mark();
    if (!mark || mark->id.empty()) co_return std::nullopt;
    auto place = mark->id + " " + mark->path;
    if (!loaded_) {
        auto const recorded = co_await dependencies_.journal.fact(place_fact);
        if (!recorded) co_return std::nullopt;
        loaded_ = true;
        auto const text = recorded->value_or(std::string());
        auto const space = text.find(' ');
        if (space != std::string::npos) {
            place_ = text.substr(space + 1);
            auto const since = whole_number<std::uint64_t>(text.substr(0, space)).value_or(0);
            if (since > 0) since_ = UtcTime(Milliseconds(static_cast<std::int64_t>(since)));
        }
    }
    if (place == place_) co_return since_;
    // Unknown before: an earlier version, whose successes are of this place as far as anyone knows.
    if (!place_.empty()) since_ = dependencies_.time.now();
    place_ = std::move(place);
    auto const moment = since_ == UtcTime::min() ? std::int64_t{0} : since_.time_since_epoch().count();
    auto text = std::to_string(moment) + " " + place_;
    auto const saved = co_await dependencies_.journal.set_fact(place_fact, std::move(text));
    if (!saved) spdlog::warn("the journal could not be written: {}", saved.error().context);
    co_return since_;
}

std::string MovedBackups::hook_remark() const {
    if (!dependencies_.hooks.is_set(HookKind::post_backup)) return {};
    return "; a PostBackup hook is set, and may have done that";
}

std::string MovedBackups::reason_of(MovedBackup const& moved) const {
    return "backup '" + moved.backup + "' of VM '" + moved.vm_name + "' " +
           (moved.is_there ? "no longer has the files with which it succeeded"
                           : "succeeded and is no longer in LocalPath") +
           hook_remark();
}

std::string MovedBackups::reason_of(DamagedExport const& damaged) const {
    return "backup '" + damaged.backup + "' of VM '" + damaged.vm_name +
           "' and the one before it succeeded and were found damaged later, so the VM is exported again, with pauses "
           "of up to an hour" +
           hook_remark();
}

void MovedBackups::report(std::vector<MovedBackup> const& moved, std::vector<DamagedExport> const& damaged) {
    auto const deleted = dependencies_.trash.entries();
    auto const is_in_trash = [&](std::string const& name) {
        return std::ranges::any_of(deleted, [&](DeletedBackup const& entry) { return entry.backup == name; });
    };
    std::vector<std::string> standing;
    for (auto const& backup : moved) {
        if (is_in_trash(backup.backup)) continue;  // a person's order, of which the daemon knows
        standing.push_back(backup.vm.text());
        dependencies_.conditions.raise(ConditionKind::backup_moved_away, reason_of(backup), standing.back());
    }
    for (auto const& exported : damaged) {
        if (!exported.is_repeated) continue;
        standing.push_back(exported.vm.text());
        dependencies_.conditions.raise(ConditionKind::backup_moved_away, reason_of(exported), standing.back());
    }
    for (auto const& condition : dependencies_.conditions.all())
        if (condition.kind == ConditionKind::backup_moved_away &&
            std::ranges::find(standing, condition.subject) == standing.end())
            dependencies_.conditions.clear(ConditionKind::backup_moved_away, condition.subject);
}

}  // namespace sb::engine
