#pragma once
// Whether the files of a backup are still those that were proven: their size, modification time and change time, of
// what ports::Catalog::file_states() gives. Pure.

#include <string>
#include <string_view>

namespace sb::core {

/// The part of the states that is the same as long as nothing writes to a file or replaces it, as text to keep. The
/// manifest is left out (`protect` and `verify` write it), and so are device and inode, which another mount changes.
std::string proof_of(std::string_view file_states);

/// "'disk.qcow2' (modification time, change time)": which files differ, three of them at most, and in what; empty if
/// none does.
std::string difference_of(std::string_view proof, std::string_view proof_now);

}  // namespace sb::core
