#pragma once
// What the daemon notes when it deletes the newest backup of a VM. Such a backup is nowhere else, so a VM without a
// good copy is exported again immediately. But a script that archives the copies elsewhere deletes each of them, in any
// order, and must not have its VM exported without end: after a second note within two intervals the deleted backup
// counts until its interval has passed. So deletions cost one more export at most, and then none. Pure.

#include "daemon/core/due.hpp"

#include <vector>

namespace sb::core {

struct DeletionNote {
    UtcTime success;  ///< when the export was started whose backup it was: the VM's newest that succeeded
    UtcTime deleted;
    bool operator==(DeletionNote const&) const = default;
};

/// Of one VM, the last deletion last. What is older than the two kept here decides nothing.
using DeletionNotes = std::vector<DeletionNote>;

/// A note of the same backup is replaced. Those dated after this one are of a clock that was ahead, and are dropped.
void add_note(DeletionNotes& notes, DeletionNote note);
/// The backup stands: it was not deleted, or was taken back. Whether there was such a note.
bool take_back_note(DeletionNotes& notes, UtcTime success);
bool is_noted(DeletionNotes const& notes, UtcTime success);
/// Whether another newest backup of the VM was deleted within the two intervals before this one. False if this one was
/// not deleted.
bool is_repeated_deletion(DeletionNotes const& notes, UtcTime success, Timing const& timing, Zone const& zone);

}  // namespace sb::core
