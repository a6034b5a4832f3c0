#include "ctl/menu/menu.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"
#include "common/text/whole_number.hpp"

#include <algorithm>
#include <map>

namespace sb::ctl {
namespace {

bool holds(std::string_view text, std::string_view part) { return lower(text).find(lower(part)) != std::string::npos; }

/// "FILE01" of "2026-11-23_17-00-00 FILE01".
std::string vm_by_folder(std::string_view folder) {
    constexpr std::string_view form = "0000-00-00_00-00-00 ";
    if (folder.size() <= form.size()) return "";
    for (std::size_t i = 0; i < form.size(); ++i) {
        bool const digit = folder[i] >= '0' && folder[i] <= '9';
        if (form[i] == '0' ? !digit : folder[i] != form[i]) return "";
    }
    return std::string(folder.substr(form.size()));
}

/// Folders with times in their names sort by them, and behind them by name.
bool is_newer(rpc::BackupInfo const& one, rpc::BackupInfo const& other) {
    auto const time = [](rpc::BackupInfo const& backup) { return backup.started ? backup.started : backup.completed; };
    if (time(one) && time(other) && *time(one) != *time(other)) return *time(one) > *time(other);
    if (time(one).has_value() != time(other).has_value()) return time(one).has_value();
    return one.name > other.name;
}

void remove_last_code_point(std::string& text) {
    while (!text.empty() && is_continuation(text.back())) text.pop_back();
    if (!text.empty()) text.pop_back();
}

std::string searched_name(MenuVm const& vm) { return vm.name.empty() ? "(unknown VM)" : vm.name; }

std::string problem_with(std::string const& name, MenuFacts const& facts) {
    if (name.find_first_not_of(' ') == std::string::npos) return "The VM needs a name.";
    if (!facts.vm_names) return "";
    if (std::ranges::find(*facts.vm_names, name) == facts.vm_names->end()) return "";
    return "The cluster already has a VM of this name.";
}

Menu open_page(Menu menu, MenuPage page) {
    menu.page = page;
    menu.filter.clear();
    menu.cursor = 0;
    menu.notice.clear();
    return menu;
}

MenuStep go_back(Menu menu, MenuFacts const& facts) {
    switch (menu.page) {
        case MenuPage::vm: return {std::move(menu), MenuOutcome::leave};
        case MenuPage::backup: {
            auto const chosen = menu.vm;
            menu = open_page(std::move(menu), MenuPage::vm);
            menu.cursor = chosen;
            return {std::move(menu)};
        }
        case MenuPage::name: {
            menu = open_page(std::move(menu), MenuPage::backup);
            auto const entries = shown_entries(menu, facts);
            auto const place = std::ranges::find(entries, menu.backup);
            menu.cursor = static_cast<std::size_t>(place - entries.begin());
            return {std::move(menu)};
        }
        case MenuPage::confirm: return {open_page(std::move(menu), MenuPage::name)};
    }
    return {std::move(menu)};
}

MenuStep choose(Menu menu, MenuFacts const& facts) {
    auto const entries = shown_entries(menu, facts);
    if (menu.page == MenuPage::vm || menu.page == MenuPage::backup) {
        if (entries.empty()) {
            menu.notice = "Nothing matches.";
            return {std::move(menu)};
        }
        menu.cursor = std::min(menu.cursor, entries.size() - 1);
    }
    switch (menu.page) {
        case MenuPage::vm: menu.vm = entries[menu.cursor]; return {open_page(std::move(menu), MenuPage::backup)};
        case MenuPage::backup: {
            auto const chosen = entries[menu.cursor];
            menu.notice = why_not_restorable(facts.backups[chosen]);
            if (!menu.notice.empty()) return {std::move(menu)};
            menu.backup = chosen;
            menu = open_page(std::move(menu), MenuPage::name);
            menu.name = proposed_name(vms_of(facts)[menu.vm].name, facts.vm_names);
            return {std::move(menu)};
        }
        case MenuPage::name:
            menu.notice = problem_with(menu.name, facts);
            if (!menu.notice.empty()) return {std::move(menu)};
            return {open_page(std::move(menu), MenuPage::confirm)};
        case MenuPage::confirm: return {std::move(menu), MenuOutcome::restore};
    }
    return {std::move(menu)};
}

void move_cursor(Menu& menu, MenuFacts const& facts, std::ptrdiff_t by) {
    auto const count = static_cast<std::ptrdiff_t>(shown_entries(menu, facts).size());
    if (count == 0) return;
    auto const now = std::min(static_cast<std::ptrdiff_t>(menu.cursor), count - 1);
    menu.cursor = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(now + by, 0, count - 1));
}

/// The text that is being typed on this page; none on the last one.
std::string* typed_text(Menu& menu) {
    if (menu.page == MenuPage::name) return &menu.name;
    if (menu.page == MenuPage::confirm) return nullptr;
    return &menu.filter;
}

/// A number of the list, or what only one entry holds (or is).
MenuStep answer_to_list(Menu menu, std::string const& line, MenuFacts const& facts) {
    auto const number = whole_number<std::size_t>(line);
    auto const all = shown_entries(menu, facts);
    if (number && *number >= 1 && *number <= all.size()) {
        menu.cursor = *number - 1;
        return choose(std::move(menu), facts);
    }
    menu.filter = line;
    auto const matching = shown_entries(menu, facts);
    menu.filter.clear();
    if (matching.size() == 1) {
        menu.cursor = static_cast<std::size_t>(std::ranges::find(all, matching.front()) - all.begin());
        return choose(std::move(menu), facts);
    }
    menu.notice = matching.empty() ? "Nothing matches." : std::to_string(matching.size()) + " match; type a number.";
    return {std::move(menu)};
}

}  // namespace

std::vector<MenuVm> vms_of(MenuFacts const& facts) {
    std::map<std::string, MenuVm> by_identity;
    for (std::size_t i = 0; i < facts.backups.size(); ++i) {
        auto const& backup = facts.backups[i];
        auto const name = backup.vm.empty() ? vm_by_folder(backup.name) : backup.vm;
        // Without a uuid only the name is known; it must not collide with a uuid.
        auto& vm = by_identity[backup.vm_uuid.empty() ? "name " + name : backup.vm_uuid];
        bool const newest = vm.backups.empty() || is_newer(backup, facts.backups[vm.backups.front()]);
        if (newest) vm.name = name;  // VMs are renamed; the newest backup has the last name
        vm.backups.insert(newest ? vm.backups.begin() : vm.backups.end(), i);
        auto const known = [&](std::vector<std::string> const& all, std::string const& one) {
            return std::ranges::find(all, one) != all.end();
        };
        if (facts.vm_names && !name.empty())
            vm.gone = backup.vm_uuid.empty() ? !known(*facts.vm_names, name) : !known(facts.vm_uuids, backup.vm_uuid);
    }
    std::vector<MenuVm> vms;
    for (auto& [identity, vm] : by_identity) {
        std::ranges::stable_sort(vm.backups,
                                 [&](auto a, auto b) { return is_newer(facts.backups[a], facts.backups[b]); });
        vms.push_back(std::move(vm));
    }
    std::ranges::stable_sort(vms, [](MenuVm const& a, MenuVm const& b) {
        if (a.name.empty() != b.name.empty()) return b.name.empty();
        return a.name < b.name;
    });
    return vms;
}

std::string why_not_restorable(rpc::BackupInfo const& backup) {
    auto const problem = backup.problem.empty() ? std::string() : ": " + backup.problem;
    if (backup.state == "exporting") return "This export is not finished" + problem;
    if (backup.state == "unverified")
        return "This folder has no manifest, so it was never verified. Adopt it first: scale-backupctl adopt";
    if (backup.state == "incomplete") return "This backup is incomplete and cannot be restored" + problem;
    if (backup.state == "damaged")
        return "This backup is damaged" + problem + ". To try anyway: scale-backupctl restore --force";
    return "";
}

std::string proposed_name(std::string const& vm, std::optional<std::vector<std::string>> const& taken) {
    auto const base = (vm.empty() ? std::string("VM") : vm) + "-restored";
    for (int number = 1;; ++number) {
        auto const name = number == 1 ? base : base + "-" + std::to_string(number);
        if (!taken || std::ranges::find(*taken, name) == taken->end()) return name;
    }
}

bool is_searching(Menu const& menu) {
    return (menu.page == MenuPage::vm || menu.page == MenuPage::backup) && !menu.filter.empty();
}

std::vector<std::size_t> shown_entries(Menu const& menu, MenuFacts const& facts) {
    std::vector<std::size_t> entries;
    if (menu.page != MenuPage::vm && menu.page != MenuPage::backup) return entries;
    auto const vms = vms_of(facts);
    if (menu.page == MenuPage::vm) {
        for (std::size_t i = 0; i < vms.size(); ++i)
            if (holds(searched_name(vms[i]), menu.filter)) entries.push_back(i);
        return entries;
    }
    if (menu.vm >= vms.size()) return entries;
    for (auto const index : vms[menu.vm].backups)
        if (holds(facts.backups[index].name, menu.filter) || holds(facts.backups[index].state, menu.filter))
            entries.push_back(index);
    return entries;
}

MenuStep press(Menu menu, Key const& key, MenuFacts const& facts, std::size_t rows) {
    using Kind = Key::Kind;
    auto const page = static_cast<std::ptrdiff_t>(std::max<std::size_t>(rows, 1));
    constexpr std::ptrdiff_t whole_list = 1'000'000'000;
    menu.notice.clear();
    switch (key.kind) {
        case Kind::interrupt: return {std::move(menu), MenuOutcome::interrupt};
        case Kind::end: return {std::move(menu), MenuOutcome::leave};
        case Kind::escape:
            if (!is_searching(menu)) return go_back(std::move(menu), facts);
            menu.filter.clear();
            menu.cursor = 0;
            break;
        case Kind::enter: return choose(std::move(menu), facts);
        case Kind::up: move_cursor(menu, facts, -1); break;
        case Kind::down: move_cursor(menu, facts, 1); break;
        case Kind::page_up: move_cursor(menu, facts, -page); break;
        case Kind::page_down: move_cursor(menu, facts, page); break;
        case Kind::first: move_cursor(menu, facts, -whole_list); break;
        case Kind::last: move_cursor(menu, facts, whole_list); break;
        case Kind::backspace:
        case Kind::clear:
            if (auto* const text = typed_text(menu)) {
                if (key.kind == Kind::clear) text->clear();
                else remove_last_code_point(*text);
                menu.cursor = 0;
            }
            break;
        case Kind::text:
            if (auto* const text = typed_text(menu)) {
                *text += key.text;
                menu.cursor = 0;
            } else if (key.text == "y" || key.text == "Y") {
                return choose(std::move(menu), facts);
            } else if (key.text == "n" || key.text == "N") {
                return go_back(std::move(menu), facts);
            }
            break;
    }
    return {std::move(menu)};
}

MenuStep answer(Menu menu, std::string const& line, MenuFacts const& facts) {
    menu.notice.clear();
    bool const typing_a_name = menu.page == MenuPage::name;
    if (line == "q" && !typing_a_name) return {std::move(menu), MenuOutcome::leave};
    if (line == "b") return go_back(std::move(menu), facts);
    if (menu.page == MenuPage::confirm) {
        auto const word = lower(line);
        if (word.empty() || word == "y" || word == "yes") return choose(std::move(menu), facts);
        if (word == "n" || word == "no") return go_back(std::move(menu), facts);
        menu.notice = "Please answer yes or no.";
        return {std::move(menu)};
    }
    if (typing_a_name) {
        if (!line.empty()) menu.name = line;
        return choose(std::move(menu), facts);
    }
    if (line.empty()) {
        menu.cursor = 0;
        return choose(std::move(menu), facts);
    }
    return answer_to_list(std::move(menu), line, facts);
}

}  // namespace sb::ctl
