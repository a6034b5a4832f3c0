#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

namespace sb::ctl {
namespace {

/// Below this width sentences are printed under their row and not in a column.
constexpr std::size_t width_for_sentences = 60;

bool has_room_for_sentences(RenderOptions const& options) {
    return !options.width || *options.width >= width_for_sentences;
}

void place_sentence(TableRow& row, std::string sentence, RenderOptions const& options) {
    if (has_room_for_sentences(options)) row.cells.push_back({std::move(sentence)});
    else row.notes = {std::move(sentence)};
}

}  // namespace

std::string queue_page(std::vector<rpc::QueueEntry> const& queue, RenderOptions const& options) {
    if (queue.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& entry : queue) {
        TableRow row;
        bool const never = !entry.last_backup;
        row.cells = {{escape_controls(entry.vm.empty() ? entry.vm_uuid : entry.vm)},
                     {never ? "never" : moment_text(*entry.last_backup, options), never ? Tone::warning : Tone::plain},
                     {never ? "-" : age_text(*entry.last_backup, options.now)}};
        place_sentence(row, escape_controls(entry.reason), options);
        rows.push_back(std::move(row));
    }
    std::vector<Column> columns{
        {.title = "VM", .flexible = true},
        {.title = "LAST BACKUP"},
        {.title = "AGE", .droppable = true},
    };
    if (has_room_for_sentences(options)) columns.push_back({.title = "WAITS FOR", .wraps = true});
    return table(columns, rows, options);
}

std::string sentences_page(std::vector<std::string> const& sentences, RenderOptions const& options) {
    constexpr std::size_t indent = 2;
    std::string out;
    for (auto const& sentence : sentences) out += wrapped(escape_controls(sentence), indent, options.width) + "\n";
    return out;
}

std::string retention_page(std::vector<rpc::RetentionInfo> const& backups, RenderOptions const& options) {
    if (backups.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& one : backups) {
        TableRow row;
        row.cells = {{one.keep ? "keep" : "delete", one.keep ? Tone::good : Tone::warning},
                     {escape_controls(one.name)}};
        place_sentence(row, escape_controls(without_action(one.reason)), options);
        rows.push_back(std::move(row));
    }
    std::vector<Column> columns{{.title = "ACTION"}, {.title = "BACKUP", .flexible = true}};
    if (has_room_for_sentences(options)) columns.push_back({.title = "REASON", .wraps = true});
    return table(columns, rows, options);
}

}  // namespace sb::ctl
