#pragma once
// scale-backup.json as text. Fields that this version does not know are ignored, so a later version may add some;
// one that changes their meaning raises "version".

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sb::catalog {

inline constexpr std::size_t largest_manifest = 1u << 20;

std::string encode_manifest(core::Manifest const& manifest);

/// Errors: `refused` if a newer version wrote it, `damaged_backup` if it is not a manifest, lacks a field or lists a
/// file that could lie outside the folder.
Result<core::Manifest> decode_manifest(std::string_view text);

/// The manifest `text` with "protected" set. All else stays, fields of later versions included.
/// Errors as decode_manifest.
Result<std::string> with_protection(std::string_view text, bool is_protected);

}  // namespace sb::catalog
