#pragma once
// Changes of single members of a manifest. All else stays as it is, members of later versions included.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sb::catalog {

struct ManifestChanges {
    std::optional<bool> is_protected;
    std::optional<core::Verified> verified;
    std::map<std::string, std::string> content;         ///< file -> root of its digests
    std::optional<std::optional<core::Damage>> damage;  ///< an empty one takes the mark away
};

/// Errors as decode_manifest. A seal that was right, or absent, is renewed; a broken one stays broken, so that a change
/// of ours does not hide a change of somebody else's.
Result<std::string> with_changes(std::string_view text, ManifestChanges const& changes);

/// Only "protected".
Result<std::string> with_protection(std::string_view text, bool is_protected);

}  // namespace sb::catalog
