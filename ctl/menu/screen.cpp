#include "ctl/menu/screen.hpp"

#include "common/text/size_text.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr std::size_t lines_around_a_list = 4;  // title, filter, help, and the line of the cursor below

std::string shown_name(MenuVm const& vm) { return vm.name.empty() ? "(unknown VM)" : escape_controls(vm.name); }

std::string vm_in_words(MenuVm const& vm) { return vm.name.empty() ? "an unknown VM" : "VM " + in_quotes(vm.name); }

std::optional<UtcTime> time_of(rpc::BackupInfo const& backup) {
    return backup.started ? backup.started : backup.completed;
}

/// Cells of a list in columns; the first one shrinks.
std::vector<std::string> aligned(std::vector<std::vector<std::string>> const& rows, std::size_t width) {
    std::vector<std::size_t> widths;
    for (auto const& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    }
    std::size_t others = 0;
    for (std::size_t i = 1; i < widths.size(); ++i) others += widths[i] + 2;
    constexpr std::size_t least = 12;
    if (!widths.empty()) widths[0] = std::min(widths[0], std::max(least, width > others ? width - others : 0));
    std::vector<std::string> lines;
    for (auto const& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) line += "  ";
            line += pad_to_width(cut_to_width(row[i], widths[i]), widths[i], Align::left);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(cut_to_width(line, width));
    }
    return lines;
}

std::vector<std::string> cells_of(MenuVm const& vm, MenuFacts const& facts, RenderOptions const& options) {
    auto const& newest = facts.backups[vm.backups.front()];
    std::vector<std::string> cells{shown_name(vm), counted(vm.backups.size(), "backup"),
                                   "newest " + moment_with_age(time_of(newest), options)};
    if (!time_of(newest)) cells.back() = "time unknown";
    if (vm.gone) cells.push_back("deleted VM");
    return cells;
}

std::vector<std::string> cells_of(rpc::BackupInfo const& backup, RenderOptions const& options) {
    auto const time = time_of(backup);
    return {escape_controls(backup.name), time ? moment_text(*time, options) : "-",
            time ? age_text(*time, options.now) : "-", size_text(backup.size_bytes), escape_controls(backup.state)};
}

std::vector<std::vector<std::string>> list_of(Menu const& menu, std::vector<std::size_t> const& entries,
                                              MenuFacts const& facts, RenderOptions const& options) {
    std::vector<std::vector<std::string>> rows;
    auto const vms = vms_of(facts);
    for (auto const entry : entries)
        rows.push_back(menu.page == MenuPage::vm ? cells_of(vms[entry], facts, options)
                                                 : cells_of(facts.backups[entry], options));
    return rows;
}

Tone tone_of_entry(Menu const& menu, std::size_t entry, MenuFacts const& facts) {
    if (menu.page == MenuPage::vm) return vms_of(facts)[entry].gone ? Tone::warning : Tone::plain;
    return facts.backups[entry].state == "complete" ? Tone::plain : tone_of_backup(facts.backups[entry].state);
}

std::string title_of(Menu const& menu, MenuFacts const& facts) {
    switch (menu.page) {
        case MenuPage::vm: return "Restore which VM?";
        case MenuPage::backup: return "Which backup of " + vm_in_words(vms_of(facts)[menu.vm]) + "?";
        case MenuPage::name: return "Name of the new VM?";
        case MenuPage::confirm: return "Restore?";
    }
    return "";
}

std::string help_of(Menu const& menu) {
    if (is_searching(menu)) return "Up, Down, Enter: choose   letters: search   Esc: show all";
    switch (menu.page) {
        case MenuPage::vm: return "Up, Down, Enter: choose   letters: search   Esc: quit";
        case MenuPage::backup: return "Up, Down, Enter: choose   letters: search   Esc: back";
        case MenuPage::name: return "Enter: take this name   Esc: back";
        case MenuPage::confirm: return "Enter or y: restore   n or Esc: back   Ctrl-C: quit";
    }
    return "";
}

void add_list(std::vector<std::string>& lines, Menu const& menu, MenuFacts const& facts, RenderOptions const& options,
              std::size_t rows, std::size_t width) {
    auto const entries = shown_entries(menu, facts);
    lines.push_back(cut_to_width(
        "Search: " + escape_controls(menu.filter) + "_   " + std::to_string(entries.size()) + " shown", width));
    auto const cursor = entries.empty() ? 0 : std::min(menu.cursor, entries.size() - 1);
    std::size_t const first = cursor < rows ? 0 : cursor - rows + 1;
    std::vector<std::size_t> const visible(
        entries.begin() + static_cast<std::ptrdiff_t>(first),
        entries.begin() + static_cast<std::ptrdiff_t>(std::min(entries.size(), first + rows)));
    constexpr std::size_t marker = 2;
    auto const texts = aligned(list_of(menu, visible, facts, options), width > marker ? width - marker : 1);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        bool const here = first + i == cursor;
        lines.push_back((here ? "> " : "  ") + toned(texts[i], tone_of_entry(menu, visible[i], facts), options.color));
    }
}

}  // namespace

std::size_t list_rows(std::size_t terminal_rows) {
    return terminal_rows > lines_around_a_list + 1 ? terminal_rows - lines_around_a_list : 1;
}

std::vector<std::string> summary_of(Menu const& menu, MenuFacts const& facts, RenderOptions const& options) {
    auto const& backup = facts.backups[menu.backup];
    auto const vm = vms_of(facts)[menu.vm];
    auto const when = time_of(backup) ? moment_with_age(time_of(backup), options) : "an unknown time";
    std::vector<std::string> sentences{"The backup " + in_quotes(backup.name) + " of " + vm_in_words(vm) + ", from " +
                                       when + ", " + size_text(backup.size_bytes) + ", becomes a new VM named " +
                                       in_quotes(menu.name) + ". Existing VMs are not changed."};
    if (!facts.vm_names) sentences.push_back("The name could not be checked: " + escape_controls(facts.cluster_error));
    return sentences;
}

std::vector<std::string> menu_screen(Menu const& menu, MenuFacts const& facts, RenderOptions const& options,
                                     std::size_t terminal_rows) {
    // The last column stays free: some terminals wrap as soon as it is written.
    std::size_t const width = std::max<std::size_t>(options.width.value_or(80), 2) - 1;
    std::vector<std::string> lines{cut_to_width(title_of(menu, facts), width)};
    if (menu.page == MenuPage::vm || menu.page == MenuPage::backup)
        add_list(lines, menu, facts, options, list_rows(terminal_rows), width);
    if (menu.page == MenuPage::name) lines.push_back(cut_to_width("  " + escape_controls(menu.name) + "_", width));
    if (menu.page == MenuPage::confirm) {
        for (auto const& sentence : summary_of(menu, facts, options)) {
            std::string const text = "  " + wrapped(sentence, 2, width - 2);
            for (std::size_t at = 0; at < text.size();) {
                auto const end = std::min(text.find('\n', at), text.size());
                lines.push_back(cut_to_width(text.substr(at, end - at), width));
                at = end + 1;
            }
        }
    }
    auto const last = menu.notice.empty()
                          ? toned(cut_to_width(help_of(menu), width), Tone::faint, options.color)
                          : toned(cut_to_width(escape_controls(menu.notice), width), Tone::warning, options.color);
    lines.push_back(last);
    return lines;
}

std::string menu_question(Menu const& menu, MenuFacts const& facts, RenderOptions const& options) {
    std::string text;
    if (!menu.notice.empty()) text += escape_controls(menu.notice) + "\n";
    if (menu.page == MenuPage::confirm)
        for (auto const& sentence : summary_of(menu, facts, options))
            text += wrapped(sentence, 0, options.width) + "\n";
    if (menu.page == MenuPage::name) return text + "Name of the new VM [" + escape_controls(menu.name) + "]: ";
    if (menu.page == MenuPage::confirm) return text + "Restore? [yes]: ";
    text += title_of(menu, facts) + "\n";
    auto const entries = shown_entries(menu, facts);
    auto const rows = aligned(list_of(menu, entries, facts, options),
                              options.width.value_or(200) > 10 ? options.width.value_or(200) - 7 : 1);
    for (std::size_t i = 0; i < rows.size(); ++i)
        text += pad_to_width(std::to_string(i + 1), 4, Align::right) + "  " + rows[i] + "\n";
    auto const back = menu.page == MenuPage::vm ? "q: quit" : "b: back, q: quit";
    return text + "Number or part of the name (" + back + ") [1]: ";
}

}  // namespace sb::ctl
