// The one list of all commands, in the order of the overview. A new command is a row here and a file that defines
// CommandSpec <row>_command().

#include "ctl/cli/command.hpp"

#include <algorithm>

// clang-format off
#define SB_COMMANDS(row) \
    row(show_vms)           \
    row(backup)             \
    row(restore)            \
    row(interactive_restore) \
    row(show_backups)       \
    row(verify)             \
    row(jobs)               \
    row(status)             \
    row(watch)              \
    row(cancel)             \
    row(schedule)           \
    row(runs)               \
    row(show_queue)         \
    row(why)                \
    row(plan)               \
    row(pause)              \
    row(resume)             \
    row(prune)              \
    row(delete_backup)      \
    row(undelete)           \
    row(accept)             \
    row(link)               \
    row(protect)            \
    row(unprotect)          \
    row(clock)              \
    row(notify_test)        \
    row(doctor)             \
    row(metrics)            \
    row(reload)             \
    row(show_disks)         \
    row(clone_disk)         \
    row(upload_disk_media)  \
    row(export_disk)        \
    row(adopt)              \
    row(completion)         \
    row(version)            \
    row(help)               \
    row(complete)
// clang-format on

namespace sb::ctl {

#define SB_DECLARE(row) CommandSpec row##_command();
SB_COMMANDS(SB_DECLARE)
#undef SB_DECLARE

std::vector<CommandSpec> const& command_table() {
#define SB_ENTRY(row) row##_command(),
    static std::vector<CommandSpec> const table{SB_COMMANDS(SB_ENTRY)};
#undef SB_ENTRY
    return table;
}

CommandSpec const* find_command(std::string_view word) {
    auto const found = std::ranges::find(command_table(), word, &CommandSpec::word);
    return found == command_table().end() || found->internal ? nullptr : &*found;
}

}  // namespace sb::ctl
