#include "daemon/engine/moved_backups.hpp"

#include "common/text/whole_number.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace sb::engine {

using namespace core;

namespace {

/// "1763874999999 1a2b3c4d /mnt/backups": since when, mark, path. Since when: 0 = from the beginning.
constexpr auto place_fact = "schedule_place";
/// A line "1763874999999 1763878599999 uuid" for each note: when the export was started, when its backup was deleted.
constexpr auto deletions_fact = "deleted_successes";

std::int64_t milliseconds_of(UtcTime time) { return time.time_since_epoch().count(); }

/// Cuts the first word off; nothing if it is not a time.
std::optional<UtcTime> take_time(std::string_view& line) {
    auto const word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    auto const moment = whole_number<std::int64_t>(word);
    if (!moment) return std::nullopt;
    return UtcTime(Milliseconds(*moment));
}

std::map<VmUuid, DeletionNotes> deletions_from(std::string_view text) {
    std::map<VmUuid, DeletionNotes> deletions;
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto const success = take_time(line);
        auto const deleted = success ? take_time(line) : std::nullopt;
        if (deleted && !line.empty()) add_note(deletions[VmUuid(std::string(line))], {*success, *deleted});
    }
    return deletions;
}

}  // namespace

/// After an error each later call tries it again; until then the earlier ones count as moved away.
task<void> MovedBackups::load_deletions() {
    if (deletions_loaded_) co_return;
    auto const recorded = co_await dependencies_.journal.fact(deletions_fact);
    if (!recorded) co_return;
    deletions_loaded_ = true;
    auto const added = std::exchange(deletions_, deletions_from(recorded->value_or(std::string())));
    for (auto const& [vm, notes] : added)
        for (auto const& note : notes) add_note(deletions_[vm], note);
}

std::string MovedBackups::deletions_text() const {
    std::string text;
    for (auto const& [vm, of_vm] : deletions_) {
        if (vm.text().find('\n') != std::string::npos) continue;
        for (auto const& note : of_vm)
            text += std::to_string(milliseconds_of(note.success)) + " " +
                    std::to_string(milliseconds_of(note.deleted)) + " " + vm.text() + "\n";
    }
    return text;
}

task<void> MovedBackups::note_deletion(VmUuid vm, UtcTime success, std::set<VmUuid> known) {
    co_await load_deletions();
    DeletionNote note;
    note.success = success;
    note.deleted = dependencies_.time.now();
    deleting_[vm] = SteadyTime::max();
    add_note(deletions_[std::move(vm)], note);
    std::erase_if(deletions_, [&](auto const& of_vm) { return !known.contains(of_vm.first); });
    deletions_unsaved_ = true;
    co_await save_deletions();
}

void MovedBackups::drop_note(VmUuid const& vm, UtcTime success) {
    auto const noted = deletions_.find(vm);
    if (noted == deletions_.end() || !take_back_note(noted->second, success)) return;
    if (noted->second.empty()) deletions_.erase(noted);
    deletions_unsaved_ = true;
}

task<void> MovedBackups::end_deletion(VmUuid vm, UtcTime success, bool is_deleted) {
    if (is_deleted) {
        deleting_[std::move(vm)] = dependencies_.time.steady_now();
        co_return;
    }
    deleting_.erase(vm);
    drop_note(vm, success);
    co_await save_deletions();
}

void MovedBackups::compare(std::map<VmUuid, std::vector<Success>> const& successes, std::vector<Stored> const& backups,
                           SteadyTime listed, std::set<VmUuid> const& being_exported) {
    std::erase_if(deleting_, [&](auto const& of_vm) { return of_vm.second < listed; });
    std::map<VmUuid, std::vector<Success>> noted;
    for (auto const& [vm, notes] : deletions_) {
        auto const of_vm = successes.find(vm);
        if (of_vm == successes.end() || being_exported.contains(vm) || deleting_.contains(vm)) continue;
        if (is_noted(notes, of_vm->second.front().started)) noted.emplace(*of_vm);
    }
    for (auto const& vm : vms_with_newest(noted, backups)) drop_note(vm, noted.at(vm).front().started);
}

void MovedBackups::note_trashed(std::vector<MovedBackup> const& moved) {
    if (moved.empty()) return;
    std::map<std::string, std::vector<DeletedBackup>> in_trash;
    for (auto& entry : dependencies_.trash.entries()) in_trash[entry.backup].push_back(std::move(entry));
    for (auto const& backup : moved) {
        auto const found = in_trash.find(backup.backup);
        auto const noted = deletions_.find(backup.vm);
        bool const is_known = noted != deletions_.end() && is_noted(noted->second, backup.started);
        if (is_known || found == in_trash.end()) continue;
        for (auto const& row : found->second) {
            // One that was deleted before the export was started had the same name.
            bool const is_it = (row.vm == backup.vm || row.vm.empty()) && row.deleted >= backup.started;
            if (!is_it) continue;
            add_note(deletions_[backup.vm], {backup.started, row.deleted});
            deletions_unsaved_ = true;
            break;
        }
    }
}

/// A journal on a full disk cannot be written, and the deletion may be what makes room: it is tried again later.
task<void> MovedBackups::save_deletions() {
    // What is recorded must not be replaced by less.
    if (!deletions_unsaved_ || !deletions_loaded_) co_return;
    auto text = deletions_text();
    deletions_unsaved_ = false;
    auto const saved = co_await dependencies_.journal.set_fact(deletions_fact, std::move(text));
    if (saved) co_return;
    deletions_unsaved_ = true;
    spdlog::warn("the journal could not be written, so it does not say yet which backups were deleted by order: {}",
                 saved.error().context);
}

std::set<VmUuid> MovedBackups::deleted_by_us(std::vector<MovedBackup> const& moved) const {
    std::set<VmUuid> vms;
    for (auto const& backup : moved) {
        auto const noted = deletions_.find(backup.vm);
        if (noted != deletions_.end() && is_noted(noted->second, backup.started)) vms.insert(backup.vm);
    }
    return vms;
}

bool MovedBackups::is_repeated(MovedBackup const& moved, Timing const& timing, Zone const& zone) const {
    auto const noted = deletions_.find(moved.vm);
    return noted != deletions_.end() && is_repeated_deletion(noted->second, moved.started, timing, zone);
}

task<std::optional<UtcTime>> MovedBackups::in_use_since() {
    co_await load_deletions();
    co_await save_deletions();
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
    auto const moment = since_ == UtcTime::min() ? std::int64_t{0} : milliseconds_of(since_);
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

std::string MovedBackups::reason_of_deleted(MovedBackup const& moved) {
    return "backup '" + moved.backup + "' of VM '" + moved.vm_name +
           "' was deleted, as was the one before it; the VM has no good backup, and is exported after its interval";
}

std::string MovedBackups::reason_of(DamagedExport const& damaged) const {
    return "backup '" + damaged.backup + "' of VM '" + damaged.vm_name +
           "' and the one before it succeeded and were found damaged later, so the VM is exported again, with pauses "
           "of up to an hour" +
           hook_remark();
}

void MovedBackups::report(std::vector<MovedBackup> const& moved, std::set<VmUuid> const& deleted_again,
                          std::vector<DamagedExport> const& damaged) {
    auto const ours = deleted_by_us(moved);
    std::vector<std::string> standing;
    for (auto const& backup : moved) {
        bool const is_again = deleted_again.contains(backup.vm);
        if (ours.contains(backup.vm) && !is_again) continue;
        standing.push_back(backup.vm.text());
        auto reason = is_again ? reason_of_deleted(backup) : reason_of(backup);
        dependencies_.conditions.raise(ConditionKind::backup_moved_away, std::move(reason), standing.back());
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
