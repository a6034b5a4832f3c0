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
/// Of a fault that begins in the middle of an export: the export ends within that.
inline Milliseconds until_its_end(Random& random) { return 1h + fault_length(random); }
/// Of a fault that each look meets.
inline Milliseconds until_a_look(Random& random) { return 15min + fault_length(random); }

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
/// Of an unfinished export of this daemon.
inline std::string some_landing(World& world, Random& random) {
    std::vector<std::string> all;
    for (auto const& folder : world.catalog.folders)
        if (auto const* const job = World::job_in(world.journal, core::attempt_of(folder));
            world.export_of(folder) != nullptr && job != nullptr && job->phase != core::Phase::finished)
            all.push_back(folder);
    return all.empty() ? std::string() : all[random() % all.size()];
}

// Each is false if it found nothing to harm; then it comes again later.
bool wait(World& world, Random& random);
bool calm(World& world, Random& random);
bool remove_copy(World& world, Random& random);
bool remove_landing(World& world, Random& random);
bool copy_by_hand(World& world, Random& random);
bool rename_by_hand(World& world, Random& random);
bool foreign_folder(World& world, Random& random);
bool take_name(World& world, Random& random);
bool damage_manifest(World& world, Random& random);
bool small_step(World& world, Random& random);
bool large_step(World& world, Random& random);
bool set_clock_right(World& world, Random& random);
bool hide_cluster_clock(World& world, Random& random);
bool kill(World& world, Random& random);
bool stop(World& world, Random& random);
bool boot(World& world, Random& random);
bool share_full(World& world, Random& random);
bool share_read_only(World& world, Random& random);
bool share_gone(World& world, Random& random);
bool share_hangs(World& world, Random& random);
bool folder_unreadable(World& world, Random& random);
bool rename_refused(World& world, Random& random);
bool owner_file_removed(World& world, Random& random);
bool journal_full(World& world, Random& random);
bool journal_slow(World& world, Random& random);
bool write_fails(World& world, Random& random);
bool write_unconfirmed(World& world, Random& random);
bool journal_lost(World& world, Random& random);
bool journal_put_back(World& world, Random& random);
bool answer_lost(World& world, Random& random);
bool request_lost(World& world, Random& random);
bool answer_late(World& world, Random& random);
bool answer_ambiguous(World& world, Random& random);
bool order_refused(World& world, Random& random);
bool task_fails(World& world, Random& random);
bool task_stuck(World& world, Random& random);
bool task_queued(World& world, Random& random);
bool tags_expire(World& world, Random& random);
bool tasks_unlisted(World& world, Random& random);
bool task_of_other_user(World& world, Random& random);
bool cluster_unreachable(World& world, Random& random);
bool cluster_updates(World& world, Random& random);
bool list_incomplete(World& world, Random& random);
bool vm_missing(World& world, Random& random);
bool vm_added(World& world, Random& random);
bool vm_deleted(World& world, Random& random);
bool hooks_change(World& world, Random& random);
bool hook_fails(World& world, Random& random);
bool hook_slow(World& world, Random& random);
bool hooks_delayed(World& world, Random& random);
bool image_cut(World& world, Random& random);
bool hook_moves(World& world, Random& random);
bool cancel(World& world, Random& random);
bool manual_backup(World& world, Random& random);
bool manual_name_again(World& world, Random& random);
bool restore(World& world, Random& random);
bool prune(World& world, Random& random);
bool pause(World& world, Random& random);
bool start_run(World& world, Random& random);
bool delete_copy(World& world, Random& random);
bool undelete(World& world, Random& random);
bool accept(World& world, Random& random);
bool link(World& world, Random& random);
bool retention(World& world, Random& random);
bool concurrency(World& world, Random& random);
bool window(World& world, Random& random);
bool interval(World& world, Random& random);
bool tag(World& world, Random& random);
bool limits(World& world, Random& random);
bool undelete_time(World& world, Random& random);
bool reload(World& world, Random& random);
bool other_cluster(World& world, Random& random);
bool second_installation(World& world, Random& random);

}  // namespace sb::test::adversary::moves
