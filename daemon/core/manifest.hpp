#pragma once
// The content of scale-backup.json, the manifest of a finished backup. Written last; a backup exists only with it.

#include "common/ids.hpp"
#include "common/time.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/vm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

inline constexpr int manifest_version = 1;
inline constexpr char const* manifest_file_name = "scale-backup.json";

/// One file of a backup, as it was when it was inspected.
struct BackupFile {
    std::string name;
    std::string role;  ///< "definition", "disk" or "device" (NVRAM, vTPM); "other" in manifests of earlier versions
    std::uint64_t size_bytes = 0;     ///< as ls shows it
    std::uint64_t virtual_bytes = 0;  ///< disks: what the guest sees; else 0
    std::string content = {};         ///< root of its content's digests, 64 hex digits; empty = never verified
    /// What the level structure read from it: its version, ":" and the SHA-256 of the definition's text or of a disk's
    /// tables (verify/inspect.hpp); empty = another file, or not known (a manifest of an earlier version).
    std::string structure = {};
    bool operator==(BackupFile const&) const = default;
};

/// How far a backup has been verified: the highest level, and the newest time of each. docs/verification.md.
struct Verified {
    std::string level;  ///< "structure", "content" or "reread"
    UtcTime at;
    std::optional<UtcTime> structure = {}, content = {}, reread = {};
    bool operator==(Verified const&) const = default;
};

/// A verification found that this backup is no longer good.
struct Damage {
    std::string level;  ///< of the verification that failed
    UtcTime at;
    std::string reason;
    bool operator==(Damage const&) const = default;
};

/// Of a folder that another program created and that was adopted later.
struct Adopted {
    UtcTime at;
    std::vector<std::string> notes;  ///< what was guessed or is not known
    bool operator==(Adopted const&) const = default;
};

struct Manifest {
    std::string backup;   ///< the backup's name when the manifest was written
    std::string attempt;  ///< Job::attempt: ties the manifest to its landing folder; empty = adopted, or of a version
                          ///< without landing folders
    VmUuid vm_uuid;
    std::string vm_name;
    std::vector<std::string> vm_tags;
    bool scheduled = false;
    bool is_protected = false;
    std::string cluster_host;
    std::string cluster_uuid;  ///< empty = not known
    std::string cluster_name;
    TaskTag task_tag;
    JobId job = 0;
    UtcTime started, completed;
    ExportEnd end = ExportEnd::unknown;  ///< `unknown`: of a version that did not note it, or adopted
    std::string definition_file;
    std::vector<Disk> disks;
    std::vector<BackupFile> files;  ///< the parts of the backup, whatever else is in its folder
    std::optional<Verified> verified;
    std::optional<Damage> damage;
    std::optional<Adopted> adopted;   ///< empty = the export was made by this program
    std::optional<UtcTime> accepted;  ///< when a person accepted the export as complete, after a test restore
    std::string program;              ///< "scale-backupd 0.1.0"
    bool operator==(Manifest const&) const = default;
};

enum class BackupState { exporting, complete, unverified, incomplete, damaged };

/// A folder under LocalPath that is, was or may become a backup.
struct Backup {
    std::string name;
    std::string folder;  ///< its folder's name on disk: differs from the name while the export runs
    BackupState state = BackupState::unverified;
    std::optional<Manifest> manifest;  ///< in a list of all backups without its files, tags and notes
    std::string manifest_digest{};     ///< of essence_of() its manifest (file_proof.hpp); empty = it was not computed
    std::uint64_t size_bytes =
        0;  ///< of the manifest and the files that it names; without a manifest, of all files in the folder
    std::string problem;    ///< for every state except complete
    VmUuid presumed_vm;     ///< damaged and without a readable manifest: its VM according to its definition or its job;
                            ///< empty = not known
    bool is_claim = false;  ///< the journal does not vouch for what its manifest says (trusted_copy.hpp)
    bool is_only_checked = false;   ///< the journal knows it only by a check: no other copy is surplus because of it
    std::uint64_t known_bytes = 0;  ///< its size as the journal knows it; 0 = not known
    bool is_unanswered = false;     ///< its folder does not answer: only what the last listing read is known
};

std::string_view name_of(BackupState state);

/// Which finished export or adopted folder this is, as text to compare: no change of a manifest changes it.
inline std::string identity_of(Manifest const& manifest) {
    return manifest.backup + '\n' + manifest.attempt + '\n' + std::to_string(manifest.job) + '\n' +
           format_rfc3339(manifest.completed);
}

inline ClusterId cluster_of(Manifest const& manifest) {
    return {manifest.cluster_uuid, manifest.cluster_name, manifest.cluster_host};
}

/// Whether the end of its export is known: the cluster reported it, or a person accepted the export. Reading the files
/// proves their bytes, never that nothing is missing. Versions that did not note the end made a backup only of a task
/// that they had followed; a folder that was adopted has no such task.
inline bool is_end_known(Manifest const& manifest) {
    if (manifest.accepted || manifest.end == ExportEnd::seen) return true;
    return manifest.end == ExportEnd::unknown && !manifest.task_tag.empty() && !manifest.adopted;
}

}  // namespace sb::core
