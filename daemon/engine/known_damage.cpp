#include "daemon/engine/known_damage.hpp"

namespace sb::engine {

using namespace core;

void KnownDamage::set(std::string const& backup, std::optional<Damage> damage) {
    if (damage) damage_.insert_or_assign(backup, std::move(*damage));
    else damage_.erase(backup);
}

void KnownDamage::show(Backup& backup) const {
    auto const known = damage_.find(backup.name);
    if (known == damage_.end() || backup.state != BackupState::complete || !backup.manifest) return;
    backup.state = BackupState::damaged;
    backup.problem =
        known->second.reason + " (found " + format_rfc3339(known->second.at) + "; not yet written to its manifest)";
    backup.manifest->damage = known->second;
}

task<Result<Backup>> KnownDamage::find(std::string folder) {
    auto backup = co_await below().find(std::move(folder));
    if (backup) show(*backup);
    co_return backup;
}

task<Result<std::vector<Backup>>> KnownDamage::list() {
    auto backups = co_await below().list();
    if (backups)
        for (auto& backup : *backups) show(backup);
    co_return backups;
}

task<Result<Backup>> KnownDamage::set_protected(std::string folder, bool is_protected) {
    auto backup = co_await below().set_protected(std::move(folder), is_protected);
    if (backup) show(*backup);
    co_return backup;
}

task<Result<Backup>> KnownDamage::accept(std::string folder) {
    auto backup = co_await below().accept(std::move(folder));
    if (backup) show(*backup);
    co_return backup;
}

}  // namespace sb::engine
