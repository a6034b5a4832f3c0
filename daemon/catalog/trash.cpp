#include "daemon/catalog/trash.hpp"

#include "common/text/ascii.hpp"
#include "daemon/catalog/random_digits.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace sb::catalog {
namespace {

using platform::EntryKind;
using platform::Folder;

constexpr std::string_view entry_prefix = "deleted-";
constexpr std::string_view removing_entry_prefix = "removing-";
constexpr std::size_t random_name_digits = 16;

/// The digits of the folders that threads of this process are removing, and the names of its probes.
class NamesInUse {
public:
    /// Returns random digits; the last copy of the holder releases them.
    std::pair<std::string, std::shared_ptr<void>> take() {
        std::lock_guard const lock(mutex_);
        auto digits = random_digits(random_name_digits);
        auto holder = hold_locked(digits);
        return {std::move(digits), std::move(holder)};
    }
    std::shared_ptr<void> hold(std::string const& name) {
        std::lock_guard const lock(mutex_);
        return hold_locked(name);
    }
    bool has(std::string_view name) {
        std::lock_guard const lock(mutex_);
        return names_.contains(std::string(name));
    }

private:
    std::shared_ptr<void> hold_locked(std::string const& name) {
        names_.insert(name);
        auto const release = [this, name](void*) {
            std::lock_guard const again(mutex_);
            names_.erase(name);
        };
        return {this, release};
    }

    std::mutex mutex_;
    std::set<std::string> names_;
};

NamesInUse& names_in_use() {
    static NamesInUse names;
    return names;
}

bool has_random_name(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return false;
    auto const random_part = name.substr(prefix.size());
    auto const is_hex = [](char c) { return hex_value(c) >= 0 && lower(c) == c; };
    return random_part.size() == random_name_digits && std::ranges::all_of(random_part, is_hex);
}

/// Whether its removal has begun, and no thread of this process continues it.
bool is_left_behind(std::string_view name, std::string_view prefix) {
    return has_random_name(name, prefix) && !names_in_use().has(name.substr(prefix.size()));
}

Error replaced(Folder const& checked, std::string const& where) {
    return {Errc::refused, "'" + checked.path() +
                               "' was replaced by something else while it was being deleted: the replacement is not "
                               "deleted" +
                               (where.empty() ? "" : " and is now in '" + where + "'")};
}

bool is_checked_one(Folder const& parent, std::string const& name, Folder const& checked) {
    auto const there = parent.subfolder(name);
    auto const same = there ? there->is_same_as(checked) : Result<bool>(false);
    return same && *same;
}

struct Emptied {
    std::size_t removed = 0;
    std::optional<Error> problem;

    void remove(Folder const& parent, std::string const& name) {
        if (auto const done = parent.remove_tree(name); !done) problem = done.error();
        else ++removed;
    }
};

Result<void> empty_folder_of_trash(Folder const& local_path, Emptied& emptied) {
    auto const found = open_trash(local_path);
    if (!found) return found.error();
    if (!*found) return {};
    auto const& trash = **found;
    auto const entries = trash.entries();
    if (!entries) return entries.error();
    for (auto const& entry : *entries) {
        if (is_trash_entry(entry.name)) continue;
        if (is_left_behind(entry.name, removing_entry_prefix)) emptied.remove(trash, entry.name);
        else if (!has_random_name(entry.name, removing_entry_prefix))
            emptied.problem = Error{Errc::refused, "'" + trash.path() + "/" + entry.name +
                                                       "' is not from scale-backupd: not deleted. Move it elsewhere, "
                                                       "or remove it by hand"};
    }
    return {};
}

/// What was being removed where it is, and tests of LocalPath that were interrupted.
Result<void> finish_in_place(Folder const& local_path, Emptied& emptied) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    for (auto const& entry : *entries) {
        if (entry.kind != EntryKind::folder) continue;
        bool const is_removing = is_left_behind(entry.name, removing_prefix);
        bool const is_probe = has_random_name(entry.name, probe_prefix) && !names_in_use().has(entry.name);
        if (is_removing || is_probe) emptied.remove(local_path, entry.name);
    }
    return {};
}

}  // namespace

std::shared_ptr<void> hold_probe(std::string const& name) { return names_in_use().hold(name); }

Result<std::optional<Folder>> open_trash(Folder const& local_path) {
    auto trash = local_path.subfolder(trash_name);
    if (!trash && trash.error().code == Errc::not_found) return std::optional<Folder>();
    if (!trash) return trash.error();
    auto const same_mount = local_path.is_on_same_mount(*trash);
    if (!same_mount) return same_mount.error();
    if (!*same_mount)
        return Error{Errc::refused, "a file system is mounted at '" + trash->path() +
                                        "': the deleted backups are below it and cannot be seen. Unmount it"};
    return std::optional(std::move(*trash));
}

bool is_trash_entry(std::string_view name) { return has_random_name(name, entry_prefix); }

Result<void> move_checked(Folder const& local_path, std::string const& name, Folder const& trash,
                          std::string const& new_name, Folder const& checked) {
    auto const moved = local_path.move_to(name, trash, new_name);
    bool const is_there = is_checked_one(trash, new_name, checked);
    if (moved && is_there) return {};
    if (!moved && !is_there) return moved.error();
    // Moved, but not flushed to disk, or something else was moved.
    bool const back =
        trash.move_to(new_name, local_path, name).has_value() || is_checked_one(local_path, name, checked);
    auto const where = trash.path() + "/" + new_name;
    if (moved) return replaced(checked, back ? "" : where);
    auto error = moved.error();
    if (!back) error.context += "; it is now in '" + where + "'";
    return error;
}

Result<Trashed> move_to_trash(Folder const& local_path, std::string const& name, Folder const& checked) {
    auto trash = local_path.make_subfolder(trash_name);
    if (!trash) return trash.error();
    for (;;) {
        auto [digits, holder] = names_in_use().take();
        auto removing = std::string(removing_entry_prefix) + digits;
        auto const taken = trash->info(removing);
        if (!taken) return taken.error();
        if (*taken) continue;
        if (auto const moved = move_checked(local_path, name, *trash, removing, checked); !moved) return moved.error();
        return Trashed(std::move(*trash), std::move(removing), std::move(holder));
    }
}

Result<Trashed> hide_for_removal(Folder const& local_path, std::string const& name, Folder const& checked) {
    auto parent = Folder::open(local_path.path());
    if (!parent) return parent.error();
    for (;;) {
        auto [digits, holder] = names_in_use().take();
        auto hidden = std::string(removing_prefix) + digits;
        auto const taken = parent->info(hidden);
        if (!taken) return taken.error();
        if (*taken) continue;
        if (auto const moved = move_checked(local_path, name, *parent, hidden, checked); !moved) return moved.error();
        return Trashed(std::move(*parent), std::move(hidden), std::move(holder));
    }
}

Result<Trashed> begin_removal(Folder trash, std::string const& entry) {
    for (;;) {
        auto [digits, holder] = names_in_use().take();
        auto removing = std::string(removing_entry_prefix) + digits;
        auto const renamed = trash.rename_exclusively(entry, removing);
        if (!renamed && renamed.error().code == Errc::name_in_use) continue;
        if (!renamed) return renamed.error();
        Trashed begun(std::move(trash), std::move(removing), std::move(holder));
        // Not flushed: after a crash it would be an entry again, perhaps only a part of one.
        auto const flushed = begun.parent_.sync();
        if (!flushed && begun.parent_.rename_exclusively(begun.name_, entry)) return flushed.error();
        return begun;
    }
}

Result<std::size_t> empty_trash(Folder const& local_path) {
    Emptied emptied;
    auto const in_trash = empty_folder_of_trash(local_path, emptied);
    auto const in_place = finish_in_place(local_path, emptied);
    if (!in_trash) return in_trash.error();
    if (!in_place) return in_place.error();
    if (emptied.problem) return *emptied.problem;
    return emptied.removed;
}

}  // namespace sb::catalog
