#pragma once
// The adversary's moves, each a function of its name, and what they draw from their seed.

#include "common/text/ascii.hpp"
#include "tests/simulation/adversary.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace sb::test::adversary::moves {

using Random = std::mt19937;

inline bool chance(Random& random, unsigned percent) { return random() % 100 < percent; }
inline Milliseconds some_time(Random& random, Milliseconds longest) {
    return Milliseconds{1 + static_cast<std::int64_t>(random()) % longest.count()};
}
/// Mostly short: long faults hide what comes after them.
inline Milliseconds fault_length(Random& random) { return some_time(random, chance(random, 85) ? 1h : 10h); }

template <class Map>
std::string some_key(Map const& map, Random& random) {
    if (map.empty()) return {};
    return std::next(map.begin(), static_cast<std::ptrdiff_t>(random() % map.size()))->first;
}
/// By hand.
inline void forget(FakeCatalog& catalog, std::string const& folder) {
    catalog.folders.erase(folder);
    catalog.manifests.erase(folder);
    catalog.landed.erase(folder);
    catalog.unreadable.erase(folder);
}
inline std::string some_landing(World& world, Random& random) {
    std::vector<std::string> all;
    for (auto const& folder : world.catalog.folders)
        if (world.export_of(folder) != nullptr) all.push_back(folder);
    return all.empty() ? std::string() : all[random() % all.size()];
}

void wait(World& world, Random& random);
void calm(World& world, Random& random);
void remove_copy(World& world, Random& random);
void remove_landing(World& world, Random& random);
void copy_by_hand(World& world, Random& random);
void rename_by_hand(World& world, Random& random);
void foreign_folder(World& world, Random& random);
void take_name(World& world, Random& random);
void damage_manifest(World& world, Random& random);
void small_step(World& world, Random& random);
void large_step(World& world, Random& random);
void set_clock_right(World& world, Random& random);
void hide_cluster_clock(World& world, Random& random);
void kill(World& world, Random& random);
void stop(World& world, Random& random);
void boot(World& world, Random& random);
void share_full(World& world, Random& random);
void share_read_only(World& world, Random& random);
void share_gone(World& world, Random& random);
void folder_unreadable(World& world, Random& random);
void rename_refused(World& world, Random& random);
void journal_full(World& world, Random& random);
void journal_slow(World& world, Random& random);
void write_fails(World& world, Random& random);
void write_unconfirmed(World& world, Random& random);
void answer_lost(World& world, Random& random);
void request_lost(World& world, Random& random);
void answer_late(World& world, Random& random);
void answer_ambiguous(World& world, Random& random);
void order_refused(World& world, Random& random);
void task_fails(World& world, Random& random);
void task_stuck(World& world, Random& random);
void task_queued(World& world, Random& random);
void tags_expire(World& world, Random& random);
void tasks_unlisted(World& world, Random& random);
void task_of_other_user(World& world, Random& random);
void cluster_unreachable(World& world, Random& random);
void list_incomplete(World& world, Random& random);
void vm_missing(World& world, Random& random);
void vm_added(World& world, Random& random);
void vm_deleted(World& world, Random& random);
void hooks_change(World& world, Random& random);
void hook_fails(World& world, Random& random);
void hook_slow(World& world, Random& random);
void hooks_delayed(World& world, Random& random);
void copy_unreadable(World& world, Random& random);
void image_cut(World& world, Random& random);
void hook_moves(World& world, Random& random);
void clean_up_disturbed(World& world, Random& random);
void cancel(World& world, Random& random);
void manual_backup(World& world, Random& random);
void manual_name_again(World& world, Random& random);
void restore(World& world, Random& random);
void prune(World& world, Random& random);
void pause(World& world, Random& random);
void start_run(World& world, Random& random);
void delete_copy(World& world, Random& random);
void undelete(World& world, Random& random);
void accept(World& world, Random& random);
void retention(World& world, Random& random);
void concurrency(World& world, Random& random);
void window(World& world, Random& random);

}  // namespace sb::test::adversary::moves
