#include "ctl/render/adoption_page.hpp"

#include "common/text/size_text.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/words.hpp"

#include <algorithm>
#include <map>

namespace sb::ctl {
namespace {

std::string state_text(std::string const& state) {
    if (state == "not_found") return "not found";
    return escape_controls(state);
}

Tone tone_of(std::string const& state) {
    if (state == "adoptable" || state == "adopted") return Tone::good;
    return state == "skipped" ? Tone::warning : Tone::bad;
}

TableRow row_of(rpc::AdoptionInfo const& folder, Look const& look) {
    auto const dash = [](std::string text) { return text.empty() ? std::string("-") : text; };
    TableRow row;
    row.cells = {{escape_controls(folder.name)},
                 {dash(escape_controls(folder.vm))},
                 {folder.started ? moment_text(*folder.started, look) : "-"},
                 {size_text(folder.size_bytes)},
                 {state_text(folder.state), tone_of(folder.state)}};
    row.notes.push_back(escape_controls(folder.reason));
    for (auto const& note : folder.notes) row.notes.push_back(escape_controls(note));
    return row;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

/// "never backed up", "2026-11-23 05:04 (2 h ago)".
std::string due_sentence(rpc::QueueEntry const& entry, Look const& look) {
    auto const last =
        entry.last_backup ? "last backup " + moment_with_age(entry.last_backup, look) : std::string("never backed up");
    return "  " + escape_controls(entry.vm) + ": " + last + "; " + escape_controls(entry.reason);
}

}  // namespace

std::string adoption_page(std::vector<rpc::AdoptionInfo> const& folders, Look const& look) {
    if (folders.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& folder : folders) rows.push_back(row_of(folder, look));
    std::vector<Column> const columns{
        {.title = "FOLDER", .flexible = true},
        {.title = "VM", .flexible = true},
        {.title = "STARTED"},
        {.title = "SIZE", .align = Align::right},
        {.title = "STATE"},
    };
    return table(columns, rows, look);
}

std::vector<std::string> preview_sentences(std::vector<rpc::AdoptionInfo> const& folders,
                                           rpc::PreviewAdoption::Reply const& preview, bool protects,
                                           Look const& look) {
    std::vector<std::string> said;
    auto const good = [](rpc::AdoptionInfo const& folder) {
        return folder.state == "adoptable" || folder.state == "adopted";
    };
    auto const whole = static_cast<std::size_t>(std::ranges::count_if(folders, good));
    auto const by_schedule = static_cast<std::size_t>(
        std::ranges::count_if(folders, [&](auto const& folder) { return good(folder) && folder.scheduled; }));
    said.push_back(counted(whole, "folder is a backup, ", "folders are backups, ") + std::to_string(by_schedule) +
                   " of them made by a schedule: these count for MaxBackups, and tell when a VM is due. Those made by "
                   "hand are kept "
                   "until somebody removes them.");
    auto const broken = folders.size() - whole;
    if (broken > 0)
        said.push_back(counted(broken, "folder stays as it is: it counts", "folders stay as they are: they count") +
                       " for nothing, and no rule deletes " + (broken == 1 ? "it." : "them."));
    if (!preview.scheduled) said.push_back("There is no [Schedule], so nothing is backed up or deleted by itself.");
    if (preview.deletions.empty()) {
        said.push_back("No rule would delete anything at the next clean-up.");
    } else {
        said.push_back("MaxBackups and MaxAge would delete " + counted(preview.deletions.size(), "backup", "backups") +
                       " at the next clean-up" +
                       (protects ? "; adopted ones of these are protected, so nothing goes by surprise: "
                                   "'scale-backupctl unprotect NAME' lets one go:"
                                 : ":"));
        for (auto const& gone : preview.deletions)
            said.push_back("  " + escape_controls(gone.name) + ": " +
                           escape_controls(gone.reason.substr(gone.reason.find(' ') + 1)));
    }
    if (!preview.cluster_error.empty())
        said.push_back("The cluster could not be asked, so it is not known which VMs still exist: " +
                       escape_controls(preview.cluster_error));
    if (!preview.missing_vms.empty())
        said.push_back("Not on the cluster (any more): " + listed(preview.missing_vms) +
                       ". Only MaxAge ends their backups.");
    if (!preview.queue.empty()) said.push_back("When the VMs of the schedule are due:");
    for (auto const& entry : preview.queue) said.push_back(due_sentence(entry, look));
    return said;
}

}  // namespace sb::ctl
