#pragma once
// Whether a folder that another program left can be taken over as a backup, and what its manifest says then. Pure.
// The predecessor named scheduled backups 'YYYY-MM-DD_HH-MM-SS <VM name>' in local time; manual ones have any name.

#include "daemon/core/civil.hpp"
#include "daemon/core/manifest.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::core {

struct ScheduledName {
    CivilTime started;
    std::string vm;  ///< as it stands in the folder's name
};

/// Nothing if it is not of that form, or the date does not exist.
std::optional<ScheduledName> read_scheduled_name(std::string_view folder);

/// A folder as it was found, after a full look at it.
struct OldFolder {
    std::string name;
    bool there = true;
    bool has_manifest = false;
    std::optional<Error> problem;  ///< what keeps it from being a backup; then the fields below may be empty
    std::string definition_file;
    std::string vm_uuid;  ///< as the definition has it
    std::string vm_name;
    std::vector<std::string> vm_tags;
    std::vector<Disk> disks;  ///< capacities are those of the images
    std::vector<BackupFile> files;
    std::uint64_t size_bytes = 0;
    UtcTime first_change, last_change;  ///< of the folder and its files
    bool changed_meanwhile = false;     ///< sizes or times were other ones after the look than before
};

/// What else is known at that moment.
struct AdoptionFacts {
    UtcTime now;
    bool used_by_a_job = false;               ///< an unfinished one of ours
    std::optional<JobId> left_by_failed_job;  ///< of ours, whose export is known to have failed
    /// Whether the cluster works on that VM; nothing = it could not be asked. Needed for folders that changed within
    /// recent_change only.
    std::optional<bool> task_is_running = false;
};

/// A folder that was changed within this time may be an export that goes on, whatever its size does just now.
inline constexpr std::chrono::minutes quiet_time{10};
/// ... and within this one the cluster is asked as well.
inline constexpr std::chrono::hours recent_change{24};

enum class AdoptionVerdict {
    adoptable,
    adopted,     ///< it has a manifest already
    left_alone,  ///< something may still write to it, or a job of ours has to do with it
    incomplete,  ///< something that a restore needs is missing
    damaged,     ///< what is there contradicts itself
    refused,     ///< it could not be a backup under this name, or does not say of which VM it is
    not_found,
};

std::string_view name_of(AdoptionVerdict verdict);

struct Adoption {
    AdoptionVerdict verdict{};
    std::string reason;              ///< in words, for every verdict but adoptable
    std::vector<std::string> notes;  ///< what is worth knowing of an adoptable one: contradictions, guesses
    Manifest manifest;               ///< of an adoptable one; for the others as far as it is known
};

Adoption judge_adoption(OldFolder const& folder, AdoptionFacts const& facts, Zone const& zone);

}  // namespace sb::core
