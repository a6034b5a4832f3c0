#include "common/text/size_text.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

namespace sb::ctl {
namespace {

TableRow row_of(rpc::BackupInfo const& backup, RenderOptions const& options) {
    // What counts for a restore is the state of the VM's disks, which is that of the start.
    auto const time = backup.started ? backup.started : backup.completed;
    auto const dash = [](std::string const& text) { return text.empty() ? std::string("-") : text; };
    TableRow row;
    row.cells = {
        {escape_controls(backup.name)},
        {dash(escape_controls(backup.vm))},
        {escape_controls(backup.state), tone_of_backup(backup.state)},
        {time ? moment_text(*time, options) : "-"},
        {time ? age_text(*time, options.now) : "-"},
        {size_text(backup.size_bytes)},
        {backup.verified ? escape_controls(backup.verified->level) + ", " + age_text(backup.verified->at, options.now)
                         : "-"},
        {backup.is_protected ? "yes" : "-"}};
    row.notes = {escape_controls(backup.problem)};
    return row;
}

}  // namespace

std::string backups_page(std::vector<rpc::BackupInfo> const& backups, RenderOptions const& options) {
    if (backups.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& backup : backups) rows.push_back(row_of(backup, options));
    std::vector<Column> const columns{
        {.title = "NAME", .flexible = true},
        {.title = "VM", .flexible = true},
        {.title = "STATE"},
        {.title = "STARTED"},
        {.title = "AGE", .droppable = true},
        {.title = "SIZE", .align = Align::right},
        {.title = "VERIFIED", .droppable = true},
        {.title = "PROTECTED", .droppable = true},
    };
    return table(columns, rows, options);
}

}  // namespace sb::ctl
