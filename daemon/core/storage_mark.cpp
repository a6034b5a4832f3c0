#include "daemon/core/storage_mark.hpp"

namespace sb::core {

StorageVerdict judge_storage(StorageFacts const& facts) {
    auto const file = facts.path + "/" + storage_mark_file;
    auto const accept =
        ". If it is meant to be used from now on: echo " + facts.remembered.value_or("new") + " > '" + file + "'";
    if (!facts.found.empty()) {
        if (!facts.remembered) return {StorageIs::to_be_remembered, {}};
        if (*facts.remembered == facts.found) return {StorageIs::the_same, {}};
        return {StorageIs::in_doubt, "LocalPath '" + facts.path +
                                         "' is not the place where the backups were written before: its mark " + file +
                                         " is another one" + accept};
    }
    if (facts.remembered)
        return {StorageIs::in_doubt, "LocalPath '" + facts.path + "' lacks the mark " + storage_mark_file +
                                         " of the place where the "
                                         "backups were written before: is its file system mounted?" +
                                         accept};
    if (facts.made_backups && !facts.has_backups)
        return {StorageIs::in_doubt, "LocalPath '" + facts.path +
                                         "' holds no backup, though some were made: is its file system mounted?" +
                                         accept};
    return {StorageIs::to_be_marked, {}};
}

}  // namespace sb::core
