#include "daemon/catalog/trash.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

/// The numbers of the folders that threads of this process are removing.
class NumbersInUse {
public:
    /// Returns a free number; the last copy of the holder releases it.
    std::pair<std::string, std::shared_ptr<void>> take() {
        std::lock_guard const lock(mutex_);
        auto number = std::to_string(next_++);
        numbers_.insert(number);
        auto const release = [this, number](void*) {
            std::lock_guard const again(mutex_);
            numbers_.erase(number);
        };
        return {number, std::shared_ptr<void>(this, release)};
    }
    bool has(std::string const& number) {
        std::lock_guard const lock(mutex_);
        return numbers_.contains(number);
    }

private:
    std::mutex mutex_;
    unsigned next_ = 0;
    std::set<std::string> numbers_;
};

NumbersInUse& numbers_in_use() {
    static NumbersInUse numbers;
    return numbers;
}

bool is_number(std::string const& name) { return !name.empty() && std::ranges::all_of(name, is_digit); }

Error replaced(Folder const& checked, std::string const& where) {
    return {Errc::refused, "'" + checked.path() +
                               "' was replaced by something else while it was being deleted: the replacement is not "
                               "deleted" +
                               (where.empty() ? "" : " and is now in '" + where + "'")};
}

}  // namespace

Result<Trashed> move_to_trash(Folder const& local_path, std::string const& name, Folder const& checked) {
    auto trash = local_path.make_subfolder(trash_name);
    if (!trash) return trash.error();
    for (;;) {
        auto [number, holder] = numbers_in_use().take();
        auto const taken = trash->info(number);
        if (!taken) return taken.error();
        if (*taken) continue;  // left by an earlier process
        if (auto const moved = local_path.move_to(name, *trash, number); !moved) return moved.error();
        auto const there = trash->subfolder(number);
        auto const same = there ? there->is_same_as(checked) : Result<bool>(false);
        if (same && *same) return Trashed(std::move(*trash), std::move(number), std::move(holder));
        bool const back = trash->move_to(number, local_path, name).has_value();
        return replaced(checked, back ? "" : trash->path() + "/" + number);
    }
}

Result<std::size_t> empty_trash(Folder const& local_path) {
    auto const trash = local_path.subfolder(trash_name);
    if (!trash) {
        if (trash.error().code == Errc::not_found) return std::size_t{0};
        return trash.error();
    }
    auto const entries = trash->entries();
    if (!entries) return entries.error();
    std::size_t removed = 0;
    std::optional<Error> problem;
    for (auto const& entry : *entries) {
        if (numbers_in_use().has(entry.name)) continue;
        if (!is_number(entry.name)) {
            problem = Error{Errc::refused, "'" + trash->path() + "/" + entry.name +
                                               "' is not from scale-backupd: not deleted. Move it elsewhere, or "
                                               "remove it by hand"};
            continue;
        }
        if (auto const done = trash->remove_tree(entry.name); !done) problem = done.error();
        else ++removed;
    }
    if (problem) return *problem;
    return removed;
}

}  // namespace sb::catalog
