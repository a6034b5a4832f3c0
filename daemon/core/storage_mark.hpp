#pragma once
// Whether LocalPath is the place that it was: with its file system not mounted, it is an empty folder that looks well.
// docs/decisions/0008-storage-mark.md has the rule's reasons.

#include <optional>
#include <string>

namespace sb::core {

inline constexpr char const* storage_mark_file = ".scale-backup-id";

struct StorageFacts {
    std::string path;                       ///< LocalPath, for the words
    std::string found;                      ///< the mark that lies there; empty = none
    std::optional<std::string> remembered;  ///< the mark that the journal knows
    bool has_backups = false;               ///< there is at least one manifest
    bool made_backups = false;              ///< the journal knows of a finished one
};

enum class StorageIs {
    the_same,
    to_be_marked,      ///< used for the first time
    to_be_remembered,  ///< it has a mark, and the journal (a new one) knows none
    in_doubt,          ///< no export may be written there before somebody has looked
};

struct StorageVerdict {
    StorageIs is = StorageIs::the_same;
    std::string words;  ///< in_doubt: why, and what to do
};

StorageVerdict judge_storage(StorageFacts const& facts);

}  // namespace sb::core
