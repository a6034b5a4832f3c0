#include "daemon/catalog/trash.hpp"

#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

/// The numbers that threads of this process are at work on.
class InHand {
public:
    /// A number that nobody has; it is given back when the last copy goes.
    std::pair<std::string, std::shared_ptr<void>> take() {
        std::lock_guard const lock(mutex_);
        auto number = std::to_string(next_++);
        numbers_.insert(number);
        auto const give_back = [this, number](void*) {
            std::lock_guard const again(mutex_);
            numbers_.erase(number);
        };
        return {number, std::shared_ptr<void>(this, give_back)};
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

InHand& in_hand() {
    static InHand numbers;
    return numbers;
}

bool is_number(std::string const& name) {
    return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

Error replaced(Folder const& looked_at, std::string const& where) {
    return {Errc::refused, "'" + looked_at.path() +
                               "' was replaced by something else while it was being removed: that is not "
                               "removed" +
                               (where.empty() ? "" : ", and lies in '" + where + "' now")};
}

}  // namespace

Result<Trashed> move_to_trash(Folder const& local_path, std::string const& name, Folder const& looked_at) {
    auto trash = local_path.make_subfolder(trash_name);
    if (!trash) return trash.error();
    for (;;) {
        auto [number, holder] = in_hand().take();
        auto const taken = trash->look(number);
        if (!taken) return taken.error();
        if (*taken) continue;  // a leftover of an earlier run
        if (auto const moved = local_path.move_to(name, *trash, number); !moved) return moved.error();
        auto const there = trash->subfolder(number);
        auto const same = there ? there->is_same_as(looked_at) : Result<bool>(false);
        if (same && *same) return Trashed(std::move(*trash), std::move(number), std::move(holder));
        bool const back = trash->move_to(number, local_path, name).has_value();
        return replaced(looked_at, back ? "" : trash->path() + "/" + number);
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
        if (in_hand().has(entry.name)) continue;
        if (!is_number(entry.name)) {
            problem = Error{Errc::refused, "'" + trash->path() + "/" + entry.name +
                                               "' was not put there by scale-backupd: it is "
                                               "not removed. Move it elsewhere, or remove it by hand"};
            continue;
        }
        if (auto const done = trash->remove_tree(entry.name); !done) problem = done.error();
        else ++removed;
    }
    if (problem) return *problem;
    return removed;
}

}  // namespace sb::catalog
