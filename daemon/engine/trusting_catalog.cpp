#include "daemon/engine/trusting_catalog.hpp"

#include <utility>

namespace sb::engine {

using namespace core;

void TrustingCatalog::judge(Backup& backup) const {
    if (!backup.manifest || !is_ours_(*backup.manifest)) return;
    core::judge(backup, trusted_.find(*backup.manifest));
}

task<Result<Backup>> TrustingCatalog::judged(task<Result<Backup>> call) {
    auto backup = co_await std::move(call);
    if (backup) judge(*backup);
    co_return backup;
}

task<Result<Backup>> TrustingCatalog::find(std::string folder) { return judged(below().find(std::move(folder))); }

task<Result<std::vector<Backup>>> TrustingCatalog::list() {
    auto backups = co_await below().list();
    if (!backups) co_return backups;
    for (auto& backup : *backups) judge(backup);
    co_return backups;
}

task<Result<Backup>> TrustingCatalog::set_protected(std::string folder, bool is_protected) {
    return judged(below().set_protected(std::move(folder), is_protected));
}

task<Result<Backup>> TrustingCatalog::accept(std::string folder) { return judged(below().accept(std::move(folder))); }

}  // namespace sb::engine
