#include "common/text/size_text.hpp"
#include "ctl/cli/completion.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>
#include <map>

namespace sb::ctl {
namespace {

using Candidates = std::vector<Candidate>;

Candidates of_vms(std::vector<rpc::VmInfo> const& vms) {
    std::map<std::string_view, int> count;
    for (auto const& vm : vms) ++count[vm.name];
    Candidates all;
    for (auto const& vm : vms) {
        // If two have the same name, only the uuid identifies them.
        if (count[vm.name] > 1) all.push_back({vm.uuid, vm.name});
        else all.push_back({vm.name, vm.state});
    }
    std::ranges::sort(all, {}, [](Candidate const& one) { return std::pair(one.note, one.value); });
    std::ranges::stable_sort(all, {}, &Candidate::value);
    return all;
}

UtcTime begin_of(rpc::BackupInfo const& backup) {
    return backup.started.value_or(backup.completed.value_or(UtcTime{}));
}

Candidates of_backups(std::vector<rpc::BackupInfo> backups, ValueKind wanted, RenderOptions const& options) {
    std::ranges::stable_sort(backups, std::ranges::greater{}, begin_of);
    Candidates all;
    for (auto const& backup : backups) {
        if (backup.state == "exporting") continue;
        if (wanted == ValueKind::protected_backup && !backup.is_protected) continue;
        if (wanted == ValueKind::unprotected_backup && backup.is_protected) continue;
        if (wanted == ValueKind::unaccepted_backup && backup.end_known) continue;
        auto note = backup.state;
        if (!backup.vm.empty()) note += ", " + backup.vm;
        if (begin_of(backup) != UtcTime{}) note += ", " + age_text(begin_of(backup), options.now);
        all.push_back({backup.name, note});
    }
    return all;
}

/// Of several with the same name, the one that was deleted last is taken back by name, the others by entry.
Candidates of_deleted(std::vector<rpc::DeletedInfo> deleted, RenderOptions const& options) {
    std::ranges::stable_sort(deleted, std::ranges::greater{}, &rpc::DeletedInfo::deleted);
    std::map<std::string_view, int> count;
    Candidates all;
    for (auto const& backup : deleted) {
        auto const note = "deleted " + age_text(backup.deleted, options.now);
        if (count[backup.name]++ == 0) all.push_back({backup.name, note});
        else all.push_back({backup.entry, backup.name + ", " + note});
    }
    return all;
}

/// What is linked, and what may be. By uuid: a VM that exists may have the name.
Candidates of_earlier_vms(rpc::ListLinks::Reply const& links) {
    Candidates all;
    for (auto const& link : links.possible)
        all.push_back({link.earlier_uuid, link.earlier + ", " + counted(link.backups, "backup")});
    for (auto const& link : links.links) all.push_back({link.earlier_uuid, link.earlier + ", linked"});
    return all;
}

Candidates of_jobs(std::vector<rpc::JobInfo> const& jobs, ValueKind wanted) {
    Candidates all;
    for (auto const& job : jobs) {
        if (wanted == ValueKind::unfinished_job && has_ended(job)) continue;
        all.push_back({std::to_string(job.id), job_text(job) + ", " + phase_with_percent(job)});
    }
    return all;
}

Candidates of_disks(std::vector<rpc::VmInfo> const& vms) {
    Candidates all;
    for (auto const& vm : vms)
        for (auto const& disk : vm.disks)
            all.push_back({disk.uuid, vm.name + ", " + disk.type + ", " + size_text(disk.capacity_bytes)});
    std::ranges::stable_sort(all, {}, &Candidate::note);
    return all;
}

Candidates all_of(Expectation const& expectation, CompletionFacts const& facts, RenderOptions const& options) {
    if (!expectation.kind) return {};
    auto const wanted = *expectation.kind;
    switch (wanted) {
        case ValueKind::choice: return expectation.words;
        case ValueKind::vm: return of_vms(facts.vms);
        case ValueKind::earlier_vm: return of_earlier_vms(facts.links);
        case ValueKind::backup:
        case ValueKind::protected_backup:
        case ValueKind::unaccepted_backup:
        case ValueKind::unprotected_backup: return of_backups(facts.backups, wanted, options);
        case ValueKind::deleted_backup: return of_deleted(facts.deleted, options);
        case ValueKind::job:
        case ValueKind::unfinished_job: return of_jobs(facts.jobs, wanted);
        case ValueKind::disk: return of_disks(facts.vms);
        case ValueKind::new_name:
        case ValueKind::number:
        case ValueKind::command:
        case ValueKind::file: break;
    }
    return {};
}

}  // namespace

std::vector<Candidate> candidates_of(Expectation const& expectation, CompletionFacts const& facts,
                                     RenderOptions const& options) {
    auto all = all_of(expectation, facts, options);
    std::erase_if(all, [&](Candidate const& one) {
        bool const harmless = escape_controls(one.value) == one.value;
        return one.value.empty() || !harmless ||
               std::ranges::find(expectation.given, one.value) != expectation.given.end();
    });
    for (auto& one : all) one.note = escape_controls(one.note);
    bool const are_names = expectation.kind != ValueKind::choice;
    auto const is_like_an_option = [](Candidate const& one) { return one.value.starts_with('-'); };
    if (are_names && !expectation.takes_dashes && std::erase_if(all, is_like_an_option) > 0)
        all.push_back({"--", "then the names that begin with '-'"});
    return all;
}

}  // namespace sb::ctl
