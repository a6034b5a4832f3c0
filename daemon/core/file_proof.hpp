#pragma once
// Whether the files of a backup are still those that were proven: their size, modification time and change time, of
// what ports::Catalog::file_states() gives; and whether the manifest still names them as what they were proven to be.
// Pure.

#include "daemon/core/manifest.hpp"

#include <string>
#include <string_view>

namespace sb::core {

/// The part of the states that is the same as long as nothing writes to a file or replaces it, as text to keep. The
/// manifest is left out (`protect` and `verify` write it), and so are device and inode, which another mount changes.
std::string proof_of(std::string_view file_states);

/// The line in the states of the files that says what the manifest says: this word and the digest of essence_of(). No
/// file has such a name.
inline constexpr std::string_view manifest_says = "/manifest";

/// What of a manifest decides what a restore, an exported disk, a verification and a listing are of: the VM, the
/// definition, the disks and the files. No order and no verification changes it.
std::string essence_of(Manifest const& manifest);

/// The digest of essence_of() in a proof; empty if it has none: it was taken by an earlier version.
std::string manifest_digest_of(std::string_view proof);

/// "'disk.qcow2' (modification time, change time)": which files differ, three of them at most, and in what; empty if
/// none does. A file that only the later one has differs, too: it was never proven.
std::string difference_of(std::string_view proof, std::string_view proof_now);

/// Whether all files are there and only their change times differ, of every one: so it is after they were copied to
/// another disk with their times. If a single file was written to, and its modification time set back, it is not so.
bool is_like_a_copy(std::string_view proof, std::string_view proof_now);

/// For people: that the files of this backup are not those that were proven, in what they differ (what difference_of()
/// gives), and what that means.
std::string changed_text(std::string_view backup, std::string_view proof, std::string_view proof_now);

}  // namespace sb::core
