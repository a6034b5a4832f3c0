#include "ctl/render/pages.hpp"

#include "common/text/size_text.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>
#include <map>

namespace sb::ctl {
namespace {

std::string adoption_state_text(std::string const& state) {
    if (state == "not_found") return "not found";
    return escape_controls(state);
}

Tone tone_of_adoption(std::string const& state) {
    if (state == "adoptable" || state == "adopted") return Tone::good;
    return state == "skipped" ? Tone::warning : Tone::bad;
}

TableRow row_of(rpc::AdoptionInfo const& folder, RenderOptions const& options) {
    auto const dash = [](std::string const& text) { return text.empty() ? std::string("-") : text; };
    TableRow row;
    row.cells = {{escape_controls(folder.name)},
                 {dash(escape_controls(folder.vm))},
                 {folder.started ? moment_text(*folder.started, options) : "-"},
                 {size_text(folder.size_bytes)},
                 {adoption_state_text(folder.state), tone_of_adoption(folder.state)}};
    row.notes.push_back(escape_controls(folder.reason));
    for (auto const& note : folder.notes) row.notes.push_back(escape_controls(note));
    return row;
}

/// "never backed up", "2026-11-23 05:04 (2 h ago)".
std::string due_sentence(rpc::QueueEntry const& entry, RenderOptions const& options) {
    auto const last = entry.last_backup ? "last backup " + moment_with_age(entry.last_backup, options)
                                        : std::string("never backed up");
    return "  " + escape_controls(entry.vm) + ": " + last + "; " + escape_controls(entry.reason);
}

}  // namespace

std::string adoption_page(std::vector<rpc::AdoptionInfo> const& folders, RenderOptions const& options) {
    if (folders.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& folder : folders) rows.push_back(row_of(folder, options));
    std::vector<Column> const columns{
        {.title = "FOLDER", .flexible = true},
        {.title = "VM", .flexible = true},
        {.title = "STARTED"},
        {.title = "SIZE", .align = Align::right},
        {.title = "STATE"},
    };
    return table(columns, rows, options);
}

std::vector<std::string> preview_sentences(std::vector<rpc::AdoptionInfo> const& folders,
                                           rpc::PreviewAdoption::Reply const& preview, bool protects,
                                           RenderOptions const& options) {
    std::vector<std::string> sentences;
    auto const good = [](rpc::AdoptionInfo const& folder) {
        return folder.state == "adoptable" || folder.state == "adopted";
    };
    auto const whole = static_cast<std::size_t>(std::ranges::count_if(folders, good));
    auto const by_schedule = static_cast<std::size_t>(
        std::ranges::count_if(folders, [&](auto const& folder) { return good(folder) && folder.scheduled; }));
    sentences.push_back(counted(whole, "folder") + (whole == 1 ? " is a backup, " : " are backups, ") +
                        std::to_string(by_schedule) +
                        " of them made by a schedule. Manual backups are kept until they are deleted by hand.");
    if (whole > 0)
        sentences.push_back(
            "The cluster did not report to this daemon that these exports were complete. So a VM is exported once "
            "more, and its older copies stay until it has a newer one that was seen to be complete, or until you "
            "accept one ('scale-backupctl accept NAME', after a test restore).");
    auto const broken = folders.size() - whole;
    if (broken > 0)
        sentences.push_back(counted(broken, "folder") + (broken == 1 ? " stays as it is: " : " stay as they are: ") +
                            "not counted, and retention does not delete " + (broken == 1 ? "it." : "them."));
    if (!preview.scheduled)
        sentences.push_back("There is no [Schedule], so nothing is backed up or deleted automatically.");
    if (preview.deletions.empty()) {
        sentences.push_back("The next clean-up would delete nothing.");
    } else {
        sentences.push_back("MaxBackups and MaxAge would delete " + counted(preview.deletions.size(), "backup") +
                            " at the next clean-up" +
                            (protects ? "; those that were adopted are protected, so nothing is deleted unexpectedly "
                                        "('scale-backupctl unprotect NAME' removes the protection):"
                                      : ":"));
        for (auto const& gone : preview.deletions)
            sentences.push_back("  " + escape_controls(gone.name) + ": " +
                                escape_controls(without_action(gone.reason)));
    }
    if (!preview.cluster_error.empty())
        sentences.push_back("The cluster did not answer, so it is not known which VMs still exist: " +
                            escape_controls(preview.cluster_error));
    if (!preview.missing_vms.empty())
        sentences.push_back("No longer on the cluster: " + listed(preview.missing_vms) +
                            ". Their backups are deleted by MaxAge only.");
    if (!preview.queue.empty()) sentences.push_back("When the VMs of the schedule are due:");
    for (auto const& entry : preview.queue) sentences.push_back(due_sentence(entry, options));
    return sentences;
}

}  // namespace sb::ctl
