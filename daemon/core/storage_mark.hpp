#pragma once
// Whether LocalPath is still where the backups were written: without its file system mounted it is an ordinary empty
// folder. docs/decisions/0008-storage-mark.md has the reasons for the rule.

#include <optional>
#include <string>

namespace sb::core {

inline constexpr char const* storage_mark_file = ".scale-backup-id";
/// The mark of LocalPath as the journal knows it.
inline constexpr char const* storage_mark_fact = "storage_mark";

struct StorageFacts {
    std::string path;                     ///< LocalPath, for the message
    std::string found;                    ///< the mark in LocalPath; empty = none
    std::optional<std::string> recorded;  ///< the mark in the journal
    bool has_backups = false;             ///< there is at least one manifest
    bool made_backups = false;            ///< the journal has a finished one
};

enum class StorageState {
    same,
    unmarked,    ///< used for the first time
    unrecorded,  ///< it has a mark, and the (new) journal has none
    in_doubt,    ///< no export may be written there until an administrator has checked it
};

struct StorageVerdict {
    StorageState state = StorageState::same;
    std::string text;  ///< in_doubt: why, and what to do
};

StorageVerdict evaluate_storage(StorageFacts const& facts);

}  // namespace sb::core
