#pragma once
// interactive-restore as a value machine: which page is shown, what is chosen, and what a key changes. It knows no
// terminal and no daemon, so that tests can take every path through it.

#include "common/rpc/methods.hpp"
#include "ctl/menu/key.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sb::ctl {

/// What the menu offers, as it was when the menu was opened.
struct MenuFacts {
    std::vector<rpc::BackupInfo> backups;
    std::optional<std::vector<std::string>> vm_names;  ///< of the cluster; nothing = it did not answer
    std::string cluster_error;                         ///< why not
    std::vector<std::string> vm_uuids{};               ///< of the cluster
};

/// The backups of one VM, newest first.
struct MenuVm {
    std::string name;                  ///< empty: the VM is not known
    bool gone = false;                 ///< the VM was deleted from the cluster
    std::vector<std::size_t> backups;  ///< indices into MenuFacts::backups
};

/// By name; backups of unknown VMs come last. A VM is identified by its uuid, and backups without a manifest by the
/// predecessor's folder names ("2026-11-23_17-00-00 FILE01").
std::vector<MenuVm> vms_of(MenuFacts const& facts);

/// Why this backup cannot be restored from the menu; empty if it can.
std::string why_not_restorable(rpc::BackupInfo const& backup);

/// A name for the restored VM that no VM of the cluster has: "FILE01-restored", "FILE01-restored-2".
std::string proposed_name(std::string const& vm, std::optional<std::vector<std::string>> const& taken);

enum class MenuPage { vm, backup, name, confirm };

struct Menu {
    MenuPage page = MenuPage::vm;
    std::string filter;      ///< typed on the pages vm and backup
    std::size_t cursor = 0;  ///< among what the filter leaves
    std::size_t vm = 0;      ///< index into vms_of(); chosen from page backup on
    std::size_t backup = 0;  ///< index into MenuFacts::backups; chosen from page name on
    std::string name;        ///< of the new VM
    std::string notice;      ///< why the last key had no effect
};

/// What the filter leaves of the page's list, as indices into vms_of() or MenuFacts::backups. Upper and lower case are
/// one (ASCII).
std::vector<std::size_t> shown_entries(Menu const& menu, MenuFacts const& facts);
/// A list is shown in part, as something was typed.
bool is_searching(Menu const& menu);

enum class MenuOutcome { none, leave, interrupt, restore };

struct MenuStep {
    Menu menu;
    MenuOutcome outcome = MenuOutcome::none;
};

/// Total: a key that means nothing on a page changes nothing. `rows` is how many entries Page Up and Down pass over.
MenuStep press(Menu menu, Key const& key, MenuFacts const& facts, std::size_t rows = 10);

/// The same for people (and programs) that answer with whole lines: a number of the list, a part of a name, a name; an
/// empty line accepts the proposal, "b" goes back, "q" leaves.
MenuStep answer(Menu menu, std::string const& line, MenuFacts const& facts);

}  // namespace sb::ctl
