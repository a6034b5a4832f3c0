// A person's signs on a backup: its folder was renamed or copied by hand.
#include "common/text/case_key.hpp"
#include "daemon/core/retention.hpp"

#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace sb::core {
namespace {

/// What stays the same when a folder is renamed or copied.
auto identity_of(Stored const& backup) { return std::tie(backup.vm, backup.started, backup.job, backup.attempt); }

bool has_manifest(Stored const& backup) { return backup.started != UtcTime{} && !backup.vm.empty(); }

using Identity = std::tuple<VmUuid, UtcTime, JobId, std::string>;

/// How many folders with a complete backup have each manifest that one of `backups` with another name has.
std::map<Identity, std::size_t> folders_of_renamed(std::vector<Stored> const& backups) {
    std::map<Identity, std::size_t> folders;
    for (auto const& backup : backups)
        if (has_manifest(backup) && !backup.manifest_name.empty()) folders.emplace(identity_of(backup), std::size_t{0});
    if (folders.empty()) return folders;
    for (auto const& backup : backups) {
        if (!has_manifest(backup) || backup.state != BackupState::complete) continue;
        if (auto const found = folders.find(Identity(identity_of(backup))); found != folders.end()) ++found->second;
    }
    return folders;
}

/// A claim is never taken for the backup: one that was planted would make the true one a copy, which no rule counts.
bool is_rather_the_backup(Stored const& one, Stored const& other) {
    return std::tie(one.is_claim, one.name) < std::tie(other.is_claim, other.name);
}

/// Copies by hand in whose manifest the name was changed to that of the folder: one attempt makes one restore point.
/// Of those that the journal knows, the folder whose name sorts first is taken for the backup.
std::vector<bool> copies_with_changed_name(std::vector<Stored> const& backups) {
    std::map<std::tuple<std::string_view, JobId, UtcTime, std::string_view>, std::size_t> firsts;
    std::vector<bool> copies(backups.size(), false);
    for (std::size_t i = 0; i < backups.size(); ++i) {
        auto const& backup = backups[i];
        bool const has_own_name = has_manifest(backup) && backup.manifest_name.empty();
        // Without an attempt (adopted, or of an old version), equal times prove nothing.
        if (!has_own_name || backup.attempt.empty() || backup.state != BackupState::complete) continue;
        auto const [first, is_first] =
            firsts.try_emplace({backup.attempt, backup.job, backup.started, backup.vm.text()}, i);
        if (is_first) continue;
        auto& chosen = first->second;
        if (is_rather_the_backup(backup, backups[chosen])) copies[std::exchange(chosen, i)] = true;
        else copies[i] = true;
    }
    return copies;
}

}  // namespace

std::vector<bool> renamed_by_hand(std::vector<Stored> const& backups) {
    auto const folders = folders_of_renamed(backups);
    auto renamed = copies_with_changed_name(backups);
    for (std::size_t i = 0; i < backups.size(); ++i) {
        auto const& backup = backups[i];
        if (backup.manifest_name.empty()) continue;
        // A share may not preserve the case of a name. Where both exist, one is a copy.
        bool const only_case = case_key(backup.manifest_name) == case_key(backup.name);
        auto const same = folders.find(Identity(identity_of(backup)));
        renamed[i] = !only_case || (same != folders.end() && same->second > 1);
    }
    return renamed;
}

std::vector<bool> copied_by_hand(std::vector<Stored> const& backups) {
    auto folders = folders_of_renamed(backups);
    auto copied = copies_with_changed_name(backups);
    for (std::size_t i = 0; i < backups.size(); ++i)
        if (auto const same = folders.find(Identity(identity_of(backups[i]))); copied[i] && same != folders.end())
            --same->second;
    for (std::size_t i = 0; i < backups.size(); ++i) {
        auto const& backup = backups[i];
        if (backup.manifest_name.empty() || backup.state != BackupState::complete) continue;
        auto const same = folders.find(Identity(identity_of(backup)));
        if (same == folders.end() || same->second < 2) continue;
        copied[i] = true;
        --same->second;  // of copies without the original, the last one is the restore point
    }
    return copied;
}

std::vector<bool> damaged_copies_by_hand(std::vector<Stored> const& backups) {
    auto const complete = folders_of_renamed(backups);
    std::vector<bool> needless(backups.size(), false);
    for (std::size_t i = 0; i < backups.size(); ++i) {
        auto const& backup = backups[i];
        if (backup.manifest_name.empty() || backup.state != BackupState::damaged) continue;
        auto const same = complete.find(Identity(identity_of(backup)));
        needless[i] = same != complete.end() && same->second > 0;
    }
    return needless;
}

}  // namespace sb::core
