#include "ctl/render/links.hpp"

#include "common/text/shell_word.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <vector>

namespace sb::ctl {
namespace {

std::string vm_text(std::string const& name, std::string const& uuid) {
    auto const id = escape_controls(uuid);
    return name.empty() ? "VM " + id : "VM " + in_quotes(name) + " (" + id + ")";
}

std::string backups_text(rpc::LinkInfo const& link) { return counted(link.backups, "backup"); }

TableRow row_of(rpc::LinkInfo const& link, RenderOptions const& options) {
    bool const is_separate = link.later_uuid.empty();
    TableRow row;
    row.cells = {{link.earlier.empty() ? "-" : escape_controls(link.earlier)},
                 {escape_controls(link.earlier_uuid)},
                 {is_separate          ? "none"
                  : link.later.empty() ? "-"
                                       : escape_controls(link.later)},
                 {is_separate ? "-" : escape_controls(link.later_uuid)},
                 {std::to_string(link.backups)},
                 {moment_text(link.since, options)}};
    if (!link.in_effect)
        row.notes.push_back("not in effect: the cluster has the earlier VM again, or another cluster is configured");
    return row;
}

std::string sentence_of(rpc::PossibleLinkInfo const& possible) {
    auto const link = suggested_command("link", {possible.earlier_uuid, possible.later_uuid});
    auto const separate = suggested_command("link --separate", {possible.earlier_uuid});
    return escape_controls(possible.reason) + ".\n  If it is the same VM: " + escape_controls(link) +
           "\n  If it is not:         " + escape_controls(separate) + "\n";
}

}  // namespace

std::string links_page(rpc::ListLinks::Reply const& links, RenderOptions const& options) {
    std::string text;
    if (!links.links.empty()) {
        std::vector<TableRow> rows;
        for (auto const& link : links.links) rows.push_back(row_of(link, options));
        std::vector<Column> const columns{
            {.title = "EARLIER VM", .flexible = true},   {.title = "UUID"},
            {.title = "CONTINUED BY", .flexible = true}, {.title = "ITS UUID", .droppable = true},
            {.title = "BACKUPS", .align = Align::right}, {.title = "SINCE", .droppable = true},
        };
        text = table(columns, rows, options);
    }
    for (auto const& possible : links.possible) text += (text.empty() ? "" : "\n") + sentence_of(possible);
    return text;
}

std::string link_sentence(rpc::LinkInfo const& link) {
    auto const earlier = vm_text(link.earlier, link.earlier_uuid);
    bool const is_one = link.backups == 1;
    if (link.later_uuid.empty())
        return earlier + " is not continued by another VM: its " + backups_text(link) + (is_one ? " is" : " are") +
               " kept and deleted by the rules for a deleted VM.";
    return earlier + " is continued by " + vm_text(link.later, link.later_uuid) + ": " + backups_text(link) +
           (is_one ? " counts as its own." : " count as its own.");
}

std::string unlinked_sentence(rpc::LinkInfo const& link) {
    return "The link of " + vm_text(link.earlier, link.earlier_uuid) + " has ended: its " + backups_text(link) +
           (link.backups == 1 ? " is" : " are") + " its own again.";
}

}  // namespace sb::ctl
