#pragma once
// scale-backup.json as text. Fields that this version does not know are ignored, so a later version may add some;
// one that changes their meaning raises "version".

#include "common/error.hpp"
#include "common/json/writer.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/verify/backup_files.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sb::catalog {

inline constexpr std::size_t max_manifest_bytes = 1u << 20;
/// Disks, files, tags and notes, each. No VM has nearly as many.
inline constexpr std::size_t max_manifest_entries = verify::max_backup_files;
/// Of one text. Longer names and ids are refused, longer texts for people are cut.
inline constexpr std::size_t max_manifest_text_bytes = 4096;
/// Of the names and ids that a listing keeps. File systems allow names of 255 bytes.
inline constexpr std::size_t max_manifest_id_bytes = 512;

std::string encode_manifest(core::Manifest const& manifest);

/// Without the files that are not part of the backup, which earlier versions listed too. Errors: `refused` if a newer
/// version wrote it, `damaged_backup` if it is not a manifest, lacks a field, exceeds a limit, or lists a file that
/// could lie outside the folder.
Result<core::Manifest> decode_manifest(std::string_view text);

/// Single members, as encode_manifest() writes them.
void write_verified(core::Verified const& verified, json::Writer& out);
void write_damage(core::Damage const& damage, json::Writer& out);

}  // namespace sb::catalog
