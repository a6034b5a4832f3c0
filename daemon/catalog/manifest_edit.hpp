#pragma once
// Changes single members of a manifest. Everything else stays as it is, including members of later versions.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sb::catalog {

struct ManifestChanges {
    std::optional<std::string> backup;  ///< its name
    std::optional<bool> is_protected;
    std::optional<core::Verified> verified;
    std::map<std::string, std::string> content;         ///< file -> root of its digests
    std::optional<std::optional<core::Damage>> damage;  ///< an empty one clears the damage
    std::optional<UtcTime> accepted;                    ///< when a person accepted the export as complete
};

/// Errors as decode_manifest. A checksum that was valid or absent is renewed; an invalid one stays invalid, so that our
/// change does not hide a change by another program.
Result<std::string> with_changes(std::string_view text, ManifestChanges const& changes);

/// Changes only "protected".
Result<std::string> with_protection(std::string_view text, bool is_protected);

}  // namespace sb::catalog
