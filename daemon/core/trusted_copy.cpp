#include "daemon/core/trusted_copy.hpp"

#include "daemon/core/due.hpp"
#include "daemon/core/file_proof.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sb::core {
namespace {

constexpr std::array<std::pair<TrustSource, std::string_view>, 3> source_names{
    {{TrustSource::job, "job"}, {TrustSource::adoption, "adoption"}, {TrustSource::check, "check"}}};

constexpr char const* why_unproven =
    "its files were never proven: the daemon was stopped when the backup was made. To read all of it: scale-backupctl "
    "verify";

constexpr char const* why_a_claim =
    "the journal does not know it, so it does not count: it was brought back or copied here, or is not what it seems; "
    "to have it checked and counted: scale-backupctl adopt";

/// What the journal keeps of it: anything else says nothing about a backup.
std::optional<ExportEnd> end_of_a_backup(ExportEnd end) {
    if (end != ExportEnd::seen && end != ExportEnd::inferred) return std::nullopt;
    return end;
}

std::string key_of(std::string const& attempt, JobId job, VmUuid const& vm, std::string const& backup) {
    return attempt + '\n' + std::to_string(job) + '\n' + vm.text() + '\n' + backup;
}

/// A copy that its own name does not describe is a person's: nothing relies on it, so nothing waits for it.
bool is_checkable(Backup const& backup) {
    return backup.state == BackupState::complete && backup.manifest && backup.manifest->backup == backup.name &&
           !backup.manifest->vm_uuid.empty();
}

/// Of one VM, newest first.
std::map<VmUuid, std::vector<Backup const*>> by_vm(std::vector<Backup> const& backups) {
    std::map<VmUuid, std::vector<Backup const*>> copies;
    for (auto const& backup : backups)
        if (is_checkable(backup)) copies[backup.manifest->vm_uuid].push_back(&backup);
    auto const newer = [](Backup const* a, Backup const* b) { return a->manifest->started > b->manifest->started; };
    for (auto& [vm, of_vm] : copies) std::ranges::stable_sort(of_vm, newer);
    return copies;
}

/// The newest scheduled copy that counts or may count; null if it is vouched for, or there is none to wait for.
Backup const* urgent_of(std::vector<Backup const*> const& newest_first, std::set<std::string> const& given_up,
                        UtcTime now) {
    int failed = 0;
    for (auto const* backup : newest_first) {
        if (!backup->manifest->scheduled || backup->manifest->started > now + clock_slack) continue;
        if (!backup->is_claim) return nullptr;
        if (!given_up.contains(backup->name)) return backup;
        if (++failed == max_failed_claims) return nullptr;
    }
    return nullptr;
}

}  // namespace

std::string_view name_of(TrustSource source) {
    return std::ranges::find(source_names, source, &std::pair<TrustSource, std::string_view>::first)->second;
}

std::optional<TrustSource> trust_source_from_name(std::string_view name) {
    auto const found = std::ranges::find(source_names, name, &std::pair<TrustSource, std::string_view>::second);
    if (found == source_names.end()) return std::nullopt;
    return found->first;
}

std::string trust_key(TrustedCopy const& copy) { return key_of(copy.attempt, copy.job, copy.vm, copy.backup); }

std::string trust_key(Manifest const& manifest) {
    return key_of(manifest.attempt, manifest.job, manifest.vm_uuid, manifest.backup);
}

std::optional<TrustedCopy> trusted_by(Job const& job) {
    bool const has_made_it = job.phase == Phase::post_hook || job.outcome == Outcome::succeeded;
    if (job.kind != JobKind::backup || job.is_claim || !has_made_it) return std::nullopt;
    TrustedCopy copy;
    copy.backup = job.backup;
    copy.attempt = job.attempt;
    copy.job = job.id;
    copy.vm = job.vm;
    copy.started = job.posted.value_or(job.queued);  // as core::export_manifest()
    copy.scheduled = job.scheduled;
    copy.size_bytes = job.size_bytes;
    copy.source = TrustSource::job;
    copy.since = job.finished.value_or(copy.started);
    copy.end = end_of_a_backup(job.end);
    copy.proof = job.proof;
    copy.is_protected = false;
    return copy;
}

TrustedCopy trusted_as_claimed(Backup const& backup, TrustSource source, UtcTime now) {
    auto const& manifest = *backup.manifest;
    TrustedCopy copy;
    copy.backup = manifest.backup;
    copy.attempt = manifest.attempt;
    copy.job = manifest.job;
    copy.vm = manifest.vm_uuid;
    copy.started = manifest.started;
    copy.scheduled = manifest.scheduled;
    for (auto const& file : manifest.files) copy.size_bytes += file.size_bytes;
    copy.source = source;
    copy.since = now;
    copy.end = end_of_a_backup(manifest.end);
    if (copy.end) copy.accepted = manifest.accepted;
    copy.damage = manifest.damage;
    copy.is_protected = manifest.is_protected;
    return copy;
}

bool is_unproven(TrustedCopy const& copy) { return copy.proof.empty() && copy.end; }

bool is_manifest_changed(Backup const& backup, TrustedCopy const& known) {
    auto const proven = manifest_digest_of(known.proof);
    return !proven.empty() && !backup.manifest_digest.empty() && proven != backup.manifest_digest;
}

void judge(Backup& backup, TrustedCopy const* known) {
    backup.is_claim = backup.is_only_checked = false;
    backup.known_bytes = 0;
    if (!backup.manifest) return;
    if (known == nullptr) {
        backup.is_claim = true;
        if (backup.problem.empty()) backup.problem = why_a_claim;
        return;
    }
    backup.manifest->started = known->started;
    backup.manifest->scheduled = known->scheduled;
    backup.known_bytes = known->size_bytes;
    if (known->is_protected) backup.manifest->is_protected = *known->is_protected;
    backup.is_only_checked = known->source == TrustSource::check;
    if (known->end) {
        backup.manifest->end = *known->end;
        backup.manifest->accepted = known->accepted;
    }
    if (is_unproven(*known) && backup.problem.empty()) backup.problem = why_unproven;
    if (backup.state == BackupState::complete && is_manifest_changed(backup, *known)) {
        backup.state = BackupState::damaged;
        backup.problem = why_manifest_changed;
        return;
    }
    if (!known->damage || backup.state != BackupState::complete) return;
    backup.state = BackupState::damaged;
    backup.manifest->damage = known->damage;
    backup.problem = known->damage->reason + " (found " + format_rfc3339(known->damage->at) +
                     "; its manifest no longer says so); to have it verified again: scale-backupctl verify";
}

ClaimsToCheck claims_to_check(std::vector<Backup> const& backups, std::set<std::string> const& given_up, UtcTime now) {
    ClaimsToCheck claims;
    std::vector<Backup const*> others;
    for (auto const& [vm, newest_first] : by_vm(backups)) {
        auto const* const urgent = urgent_of(newest_first, given_up, now);
        if (urgent != nullptr) claims.urgent.push_back(urgent->name);
        for (auto const* backup : newest_first)
            if (backup->is_claim && backup != urgent && !given_up.contains(backup->name)) others.push_back(backup);
    }
    std::ranges::stable_sort(
        others, [](Backup const* a, Backup const* b) { return a->manifest->started > b->manifest->started; });
    for (auto const* backup : others) claims.later.push_back(backup->name);
    return claims;
}

}  // namespace sb::core
