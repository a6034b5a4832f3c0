// What people do in the share.
#include "tests/simulation/adversary_moves.hpp"

namespace sb::test::adversary::moves {

bool remove_copy(World& world, Random& random) {
    auto const name = world.some_copy(random);
    if (name.empty()) return false;
    world.remove_by_hand(name);
    world.struck(Act::remove_copy);
    return true;
}

bool remove_landing(World& world, Random& random) {
    auto const name = some_landing(world, random);
    if (name.empty()) return false;
    world.export_of(name)->touched = true;
    forget(world.catalog, name);
    world.struck(Act::remove_landing);
    return true;
}

bool copy_by_hand(World& world, Random& random) {
    auto const name = world.some_copy(random);
    if (name.empty() || world.catalog.manifests.size() > 60) return false;
    auto const copy = name + " - Copy";
    if (world.catalog.folders.contains(copy)) return false;
    world.catalog.folders.insert(copy);
    auto const manifest = world.catalog.manifests[name];
    world.catalog.manifests[copy] = manifest;
    world.struck(Act::copy_by_hand);
    return true;
}

bool rename_by_hand(World& world, Random& random) {
    auto const name = world.some_copy(random);
    if (name.empty()) return false;
    if (auto* const mine = world.export_in(name)) mine->touched = true;
    auto const manifest = world.catalog.manifests[name];
    auto const renamed = "kept " + std::to_string(world.next_name());
    forget(world.catalog, name);
    world.catalog.folders.insert(renamed);
    world.catalog.manifests[renamed] = manifest;
    world.disturb();
    world.struck(Act::rename_by_hand);
    return true;
}

bool foreign_folder(World& world, Random& random) {
    std::string name = "photos " + std::to_string(world.next_name());
    if (chance(random, 40)) {  // as an export of another program
        auto const digits = std::to_string(90000000 + random() % 1000000);
        name = "foreign.exporting-" + digits;
    } else if (auto const id = world.some_job(random, false); id != nullptr && chance(random, 60)) {
        name = id->backup;  // of a failed job
    }
    if (!world.catalog.folders.insert(name).second) return false;
    world.heal_after(72h, [&world, name] {
        if (!world.catalog.manifests.contains(name)) world.catalog.folders.erase(name);
    });
    world.struck(Act::foreign_folder);
    return true;
}

bool take_name(World& world, Random& random) {
    auto const* const job = world.some_job(random, true);
    if (job == nullptr || !world.catalog.folders.insert(job->backup).second) return false;
    world.struck(Act::take_name);
    return true;
}

bool damage_manifest(World& world, Random& random) {
    auto const name = world.some_copy(random);
    auto const* const mine = world.export_in(name);
    if (mine == nullptr) return false;
    world.export_in(name)->touched = true;
    world.catalog.unreadable[name] = mine->vm;
    world.disturb();
    world.heal_after(fault_length(random), [&world, name] { world.catalog.unreadable.erase(name); });
    world.struck(Act::damage_manifest);
    return true;
}

bool owner_file_removed(World& world, Random&) {
    if (!world.is_up() || world.catalog.owners.erase(world.cluster.is.uuid) == 0) return false;
    world.disturb();
    world.struck(Act::owner_file_removed);
    return true;
}

}  // namespace sb::test::adversary::moves
