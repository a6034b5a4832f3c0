#include "ctl/render/schedule_pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/words.hpp"

namespace sb::ctl {
namespace {

/// Below this width sentences stand under their row and not in a column.
constexpr std::size_t room_for_sentences = 60;

bool has_room_for_sentences(Look const& look) { return !look.width || *look.width >= room_for_sentences; }

/// The verdict's own column says it already.
std::string_view without_verdict(std::string_view reason) {
    for (std::string_view const word : {"kept: ", "deleted: "}) {
        if (reason.starts_with(word)) return reason.substr(word.size());
    }
    return reason;
}

void place_sentence(TableRow& row, std::string sentence, Look const& look) {
    if (has_room_for_sentences(look)) row.cells.push_back({std::move(sentence)});
    else row.notes = {std::move(sentence)};
}

}  // namespace

std::string queue_page(std::vector<rpc::QueueEntry> const& queue, Look const& look) {
    if (queue.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& entry : queue) {
        TableRow row;
        bool const never = !entry.last_backup;
        row.cells = {{escape_controls(entry.vm.empty() ? entry.vm_uuid : entry.vm)},
                     {never ? "never" : moment_text(*entry.last_backup, look), never ? Tone::warning : Tone::plain},
                     {never ? "-" : age_text(*entry.last_backup, look.now)}};
        place_sentence(row, escape_controls(entry.reason), look);
        rows.push_back(std::move(row));
    }
    std::vector<Column> columns{
        {.title = "VM", .flexible = true},
        {.title = "LAST BACKUP"},
        {.title = "AGE", .droppable = true},
    };
    if (has_room_for_sentences(look)) columns.push_back({.title = "WAITS FOR", .wraps = true});
    return table(columns, rows, look);
}

std::string sentences_page(std::vector<std::string> const& sentences, Look const& look) {
    constexpr std::size_t indent = 2;
    std::string out;
    for (auto const& sentence : sentences) out += wrapped(escape_controls(sentence), indent, look.width) + "\n";
    return out;
}

std::string verdicts_page(std::vector<rpc::RetentionInfo> const& verdicts, Look const& look) {
    if (verdicts.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& verdict : verdicts) {
        TableRow row;
        row.cells = {{verdict.keep ? "keep" : "delete", verdict.keep ? Tone::good : Tone::warning},
                     {escape_controls(verdict.name)}};
        place_sentence(row, escape_controls(without_verdict(verdict.reason)), look);
        rows.push_back(std::move(row));
    }
    std::vector<Column> columns{{.title = "RULING"}, {.title = "BACKUP", .flexible = true}};
    if (has_room_for_sentences(look)) columns.push_back({.title = "BECAUSE", .wraps = true});
    return table(columns, rows, look);
}

}  // namespace sb::ctl
