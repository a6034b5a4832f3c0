#pragma once
// Whether a folder of another program can be adopted as a backup, and what its manifest then contains. Pure.
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
    std::string vm;  ///< as in the folder's name
};

/// Nothing if the name does not have this form or the date does not exist.
std::optional<ScheduledName> read_scheduled_name(std::string_view folder);

/// A folder, after a full inspection.
struct OldFolder {
    std::string name;
    bool there = true;
    bool has_manifest = false;
    std::optional<Error> problem;  ///< why it is not a backup; the fields below may then be empty
    std::string definition_file;
    std::string vm_uuid;  ///< as in the definition
    std::string vm_name;
    std::vector<std::string> vm_tags;
    std::vector<Disk> disks;  ///< capacities are those of the images
    std::vector<BackupFile> files;
    std::uint64_t size_bytes = 0;
    UtcTime first_change, last_change;  ///< of the folder and its files
    bool changed_meanwhile = false;     ///< sizes or times changed during the inspection
};

/// What else is known at that time.
struct AdoptionFacts {
    UtcTime now;
    bool used_by_a_job = false;               ///< an unfinished one
    std::optional<JobId> left_by_failed_job;  ///< a job whose export is known to have failed
    /// Whether the cluster is running a task on that VM; nothing = it could not be asked. Only needed for folders that
    /// changed within recent_change.
    std::optional<bool> task_is_running = false;
};

/// A folder that changed within this time may be a running export, even if its size does not grow at the moment.
inline constexpr std::chrono::minutes quiet_time{10};
/// ... and within this time the cluster is asked as well.
inline constexpr std::chrono::hours recent_change{24};

enum class AdoptionVerdict {
    adoptable,
    adopted,     ///< it already has a manifest
    skipped,     ///< something may still write to it, or one of our jobs uses it
    incomplete,  ///< something that a restore needs is missing
    damaged,     ///< its files contradict each other
    refused,     ///< it cannot be a backup under this name, or does not say which VM it belongs to
    not_found,
};

std::string_view name_of(AdoptionVerdict verdict);

struct Adoption {
    AdoptionVerdict verdict{};
    std::string reason;              ///< for every verdict except adoptable
    std::vector<std::string> notes;  ///< of an adoptable folder: contradictions and guesses
    Manifest manifest;               ///< of an adoptable folder; for the others as far as known
};

Adoption evaluate_adoption(OldFolder const& folder, AdoptionFacts const& facts, Zone const& zone);

}  // namespace sb::core
