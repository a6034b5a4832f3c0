#pragma once
// Which backups the journal vouches for. A manifest in the share only claims what it says: anyone who can write there
// can write any. What the schedule and retention rely on is a row of the journal, made by a job that succeeded, by an
// administrator who adopted the folder, or by a check after the journal was lost. Pure.

#include "daemon/core/manifest.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sb::core {

/// Why the journal vouches for a copy. The names are stored in the journal.
enum class TrustSource {
    job,       ///< a job of this journal made it
    adoption,  ///< an administrator adopted it
    check,     ///< the journal was new, and its files passed the check of their structure: anyone may have planted it
               ///< before, so its VM is backed up by it, but no rule deletes another copy because of it
};
std::string_view name_of(TrustSource source);
std::optional<TrustSource> trust_source_from_name(std::string_view name);

/// One of them; the journal stores exactly this. The first four fields tell it from all others.
struct TrustedCopy {
    std::string backup;   ///< its name, as in its manifest
    std::string attempt;  ///< Manifest::attempt
    JobId job = 0;        ///< Manifest::job
    VmUuid vm;
    UtcTime started;  ///< this and the next are what the schedule and retention use, whatever the manifest says
    bool scheduled = false;
    std::uint64_t size_bytes = 0;  ///< of its files when it was made, adopted or checked; 0 = not known
    TrustSource source = TrustSource::job;
    UtcTime since;
    std::string proof{};  ///< proof_of() its files when they were last proven; empty = is_unproven(), or not yet taken
    std::optional<UtcTime> missing_since{};  ///< when it was first found neither in LocalPath nor in the trash
    std::optional<ExportEnd> end{};          ///< seen or inferred; nothing = not recorded: the manifest's word
    std::optional<UtcTime> accepted{};       ///< when a person accepted it as complete; only with `end`
    std::optional<Damage> damage{};          ///< what a verification found, and none has cleared since
    /// No rule deletes it: set by protect, undelete and adopt. Nothing = of an earlier version: the manifest's word.
    std::optional<bool> is_protected{};
    std::string digest_root{};  ///< ports::VerifyResult::digest_root when its content was first read; empty = never
    bool operator==(TrustedCopy const&) const = default;
};

/// The first four fields as text to compare. A copied manifest has the same.
std::string trust_key(TrustedCopy const& copy);
std::string trust_key(Manifest const& manifest);

/// What a job that has made its backup vouches for; nothing if it has made none, or is itself only a claim.
std::optional<TrustedCopy> trusted_by(Job const& job);
/// As the manifest says: for an adoption, and after a check.
TrustedCopy trusted_as_claimed(Backup const& backup, TrustSource source, UtcTime now);

/// No proof of its files was taken when it was made. What is there now may be something else, so none is taken later,
/// except after a verification by order. A row without `end` is of an earlier version, which had no proofs.
bool is_unproven(TrustedCopy const& copy);

/// Whether its manifest names another VM, definition, disks or files than when they were proven. False if one of the
/// two is not known.
bool is_manifest_changed(Backup const& backup, TrustedCopy const& known);
inline constexpr char const* why_manifest_changed =
    "its manifest names another VM, definition, disks or files than when they were proven: it was edited or replaced. "
    "Find out what can write to the share, and restore another backup of this VM";

/// Puts into the backup what the journal knows about it; without `known`, marks it as a claim. A folder without a
/// readable manifest claims nothing: it may be a good backup that was damaged. Damage that the journal knows counts
/// although the manifest hides it, and so does is_manifest_changed(). A mark of damage that only the manifest has
/// counts, too: it is another installation's, or of an earlier version.
void judge(Backup& backup, TrustedCopy const* known);

/// The claims that are checked after the journal was lost, in this order.
struct ClaimsToCheck {
    std::vector<std::string> urgent;  ///< the newest scheduled copy of its VM: the schedule waits for it
    std::vector<std::string> later;   ///< newest first
};
/// `given_up`: those that failed the check; after max_failed_claims of a VM, the schedule no longer waits for it.
ClaimsToCheck claims_to_check(std::vector<Backup> const& backups, std::set<std::string> const& given_up, UtcTime now);
inline constexpr int max_failed_claims = 3;

/// A copy that has been missing for so long is no longer vouched for: if it comes back, it is adopted.
inline constexpr std::chrono::days forget_missing_after{7};

}  // namespace sb::core
