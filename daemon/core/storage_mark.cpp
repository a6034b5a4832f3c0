#include "daemon/core/storage_mark.hpp"

namespace sb::core {

StorageVerdict evaluate_storage(StorageFacts const& facts) {
    auto const file = facts.path + "/" + storage_mark_file;
    auto const in_doubt = [&](std::string const& reason) {
        return StorageVerdict{StorageState::in_doubt,
                              "LocalPath '" + facts.path + "' may not be where the backups were written: " + reason +
                                  " To use it anyway: echo " + facts.recorded.value_or("new") + " > '" + file + "'"};
    };
    if (!facts.found.empty()) {
        if (!facts.recorded) return {StorageState::unrecorded, {}};
        if (*facts.recorded == facts.found) return {StorageState::same, {}};
        return in_doubt("its mark " + file + " is a different one.");
    }
    if (facts.recorded)
        return in_doubt(std::string("it lacks the mark ") + storage_mark_file + ". Is its file system mounted?");
    if (facts.made_backups && !facts.has_backups)
        return in_doubt("it contains no backup, although the journal lists finished ones. Is its file system mounted?");
    return {StorageState::unmarked, {}};
}

}  // namespace sb::core
