#include "daemon/core/adoption.hpp"

#include "common/text/ascii.hpp"
#include "common/text/duration_text.hpp"

#include <algorithm>

namespace sb::core {

using namespace std::chrono;

namespace {

constexpr std::string_view pattern = "dddd-dd-dd_dd-dd-dd ";

bool has_form(std::string_view folder) {
    if (folder.size() <= pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i)
        if (pattern[i] == 'd' ? !is_digit(folder[i]) : folder[i] != pattern[i]) return false;
    return true;
}

int number(std::string_view digits) {
    int value = 0;
    for (char const c : digits) value = value * 10 + (c - '0');
    return value;
}

std::string two_digits(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

/// "2026-10-25 02:30"
std::string civil_text(CivilTime civil) {
    auto const day = floor<days>(civil);
    year_month_day const date{day};
    hh_mm_ss const clock{floor<minutes>(civil - day)};
    return std::to_string(int{date.year()}) + "-" + two_digits(static_cast<int>(unsigned{date.month()})) + "-" +
           two_digits(static_cast<int>(unsigned{date.day()})) + " " +
           two_digits(static_cast<int>(clock.hours().count())) + ":" +
           two_digits(static_cast<int>(clock.minutes().count()));
}

/// "6B1F4F1E-…" -> "6b1f4f1e-…", as the cluster writes it; empty if it is not a uuid.
std::string plain_uuid(std::string_view text) {
    constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.size() != form.size()) return {};
    std::string uuid;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] == '-' ? text[i] != '-' : hex_value(text[i]) < 0) return {};
        uuid += lower(text[i]);
    }
    return uuid;
}

/// Why something may still be writing to the folder; empty if it no longer changes.
std::string why_not_at_rest(OldFolder const& folder, AdoptionFacts const& facts) {
    if (facts.used_by_a_job) return "a job is using it";
    if (folder.changed_meanwhile)
        return "it changed during the inspection, so an export may be in progress; adopt it later";
    if (folder.last_change > facts.now + quiet_time)
        return "its files are dated in the future, so it is not known whether an export is in progress";
    if (folder.last_change + quiet_time > facts.now)
        return "changed " + length_text(std::max(facts.now - folder.last_change, Milliseconds{0})) +
               " ago, so an export may be in progress; adopt it after " + length_text(quiet_time) + " without a change";
    if (folder.last_change + recent_change > facts.now) {
        if (!facts.task_is_running)
            return "changed within the last 24 hours, and the cluster could not be asked whether an export is in "
                   "progress";
        if (*facts.task_is_running)
            return "changed within the last 24 hours, and the cluster is running a task on this VM; adopt it later";
    }
    if (facts.left_by_failed_job)
        return "left behind by the failed export of job " + std::to_string(*facts.left_by_failed_job);
    return {};
}

AdoptionVerdict verdict_on(Error const& problem) {
    switch (problem.code) {
        case Errc::incomplete_backup: return AdoptionVerdict::incomplete;
        case Errc::damaged_backup: return AdoptionVerdict::damaged;
        default: return AdoptionVerdict::refused;
    }
}

/// Sets when the backup started and whether a schedule made it, from the folder's name or otherwise from its files.
void set_start(OldFolder const& folder, UtcTime now, Zone const& zone, Adoption& adoption) {
    auto& manifest = adoption.manifest;
    auto const by_files = [&](std::string note) {
        manifest.started = folder.first_change;
        adoption.notes.push_back(std::move(note));
    };
    auto const named = read_scheduled_name(folder.name);
    if (!named) return by_files("manual backup; its name has no time, so the time of its oldest file is used");
    manifest.started = first_moment_of(named->started, zone);
    if (manifest.started > now + minutes{5})
        by_files("the time in its name is in the future; the time of its oldest file is used");
    else if (to_civil(manifest.started, zone) != named->started)
        adoption.notes.push_back("the clock skipped " + civil_text(named->started) +
                                 "; the first moment after it is used");
    else if (to_civil(manifest.started + hours{1}, zone) == named->started)
        adoption.notes.push_back("the clock showed " + civil_text(named->started) + " twice; the first time is used");
    if (named->vm == folder.vm_name) manifest.scheduled = true;
    else
        adoption.notes.push_back("its name says VM '" + named->vm + "', its definition says '" + folder.vm_name +
                                 "'; the definition is used, and it counts as a manual backup, which no rule deletes");
}

void write_manifest(OldFolder const& folder, std::string uuid, UtcTime now, Adoption& adoption) {
    auto& manifest = adoption.manifest;
    manifest.vm_uuid = VmUuid(std::move(uuid));
    manifest.vm_tags = folder.vm_tags;
    manifest.completed = std::max(folder.last_change, manifest.started);
    manifest.definition_file = folder.definition_file;
    manifest.disks = folder.disks;
    manifest.files = folder.files;
    manifest.verified = Verified{"structure", now};
    manifest.adopted = Adopted{now, adoption.notes};
    manifest.adopted->notes.push_back(
        "the disk sizes are those of the images; they were not compared with the cluster");
}

}  // namespace

std::optional<ScheduledName> read_scheduled_name(std::string_view folder) {
    if (!has_form(folder)) return std::nullopt;
    year_month_day const date{year{number(folder.substr(0, 4))},
                              month{static_cast<unsigned>(number(folder.substr(5, 2)))},
                              day{static_cast<unsigned>(number(folder.substr(8, 2)))}};
    int const hour = number(folder.substr(11, 2)), minute = number(folder.substr(14, 2)),
              second = number(folder.substr(17, 2));
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    CivilTime const started = local_days{date} + hours{hour} + minutes{minute} + seconds{second};
    return ScheduledName{started, std::string(folder.substr(pattern.size()))};
}

Adoption evaluate_adoption(OldFolder const& folder, AdoptionFacts const& facts, Zone const& zone) {
    Adoption adoption;
    adoption.manifest.backup = folder.name;
    adoption.manifest.vm_name = folder.vm_name;
    auto const end_with = [&](AdoptionVerdict verdict, std::string reason) {
        adoption.verdict = verdict;
        adoption.reason = std::move(reason);
        return adoption;
    };
    if (!folder.there) return end_with(AdoptionVerdict::not_found, "there is no such folder");
    if (folder.has_manifest) return end_with(AdoptionVerdict::adopted, "it already has a manifest");
    // First: a folder that is still being written may appear damaged now and be complete tomorrow.
    if (auto why = why_not_at_rest(folder, facts); !why.empty())
        return end_with(AdoptionVerdict::skipped, std::move(why));
    if (folder.problem) return end_with(verdict_on(*folder.problem), folder.problem->context);
    auto uuid = plain_uuid(folder.vm_uuid);
    if (uuid.empty())
        return end_with(AdoptionVerdict::refused, "its definition does not say which VM it belongs to (no uuid)");
    set_start(folder, facts.now, zone, adoption);
    write_manifest(folder, std::move(uuid), facts.now, adoption);
    adoption.verdict = AdoptionVerdict::adoptable;
    return adoption;
}

std::string_view name_of(AdoptionVerdict verdict) {
    switch (verdict) {
        case AdoptionVerdict::adoptable: return "adoptable";
        case AdoptionVerdict::adopted: return "adopted";
        case AdoptionVerdict::skipped: return "skipped";
        case AdoptionVerdict::incomplete: return "incomplete";
        case AdoptionVerdict::damaged: return "damaged";
        case AdoptionVerdict::refused: return "refused";
        case AdoptionVerdict::not_found: return "not_found";
    }
    return "?";
}

}  // namespace sb::core
