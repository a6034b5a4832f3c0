#include "common/text/size_text.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

namespace sb::ctl {
namespace {

std::string cluster_of(rpc::BackupInfo const& backup) {
    for (auto const& word : {backup.cluster, backup.cluster_host, backup.cluster_uuid})
        if (!word.empty()) return escape_controls(word);
    return "its name is not known";
}

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
    if (!backup.end_known)
        row.notes.push_back("the cluster never said that its export was complete: not counted as a backup of its VM");
    if (!backup.continued_by.empty())
        row.notes.push_back("counts as a backup of VM " + escape_controls(backup.continued_by) +
                            ", which continues its VM");
    auto const of_another = backup.cluster_uncertain ? "may be of another cluster: " : "of another cluster: ";
    if (backup.other_cluster) row.notes.push_back(of_another + cluster_of(backup));
    return row;
}

TableRow row_of(rpc::DeletedInfo const& backup, RenderOptions const& options) {
    TableRow row;
    row.cells = {{escape_controls(backup.name)},         {backup.vm.empty() ? "-" : escape_controls(backup.vm)},
                 {moment_text(backup.deleted, options)}, {moment_text(backup.expires, options)},
                 {size_text(backup.size_bytes)},         {escape_controls(backup.entry)}};
    row.notes = {escape_controls(backup.reason)};
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

std::string deleted_page(std::vector<rpc::DeletedInfo> const& deleted, RenderOptions const& options) {
    if (deleted.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& backup : deleted) rows.push_back(row_of(backup, options));
    std::vector<Column> const columns{
        {.title = "NAME", .flexible = true},
        {.title = "VM", .flexible = true},
        {.title = "DELETED"},
        {.title = "KEPT UNTIL"},
        {.title = "SIZE", .align = Align::right},
        {.title = "ENTRY", .droppable = true},
    };
    return table(columns, rows, options);
}

}  // namespace sb::ctl
