#include "daemon/engine/trusting_catalog.hpp"

#include "daemon/async/let_others_run.hpp"
#include "daemon/core/file_proof.hpp"

#include <spdlog/spdlog.h>

#include <cstddef>
#include <utility>

namespace sb::engine {

using namespace core;

namespace {

constexpr std::size_t backups_of_a_step = 1000;

}  // namespace

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
    std::size_t judged = 0;
    for (auto& backup : *backups) {
        judge(backup);
        if (++judged % backups_of_a_step == 0) co_await let_others_run();
    }
    co_return backups;
}

task<Result<Backup>> TrustingCatalog::set_protected(std::string folder, bool is_protected) {
    auto backup = co_await below().set_protected(std::move(folder), is_protected);
    if (!backup) co_return backup;
    if (backup->manifest) {
        auto key = trust_key(*backup->manifest);
        auto const recorded = co_await trusted_.set_protected(std::move(key), is_protected);
        if (!recorded) co_return while_doing(recorded.error(), "recording whether '" + backup->name + "' is protected");
    }
    judge(*backup);
    co_return backup;
}

task<Result<void>> TrustingCatalog::take_from_trash(std::string entry, std::string folder, std::string identity) {
    auto name = folder;
    auto const taken = co_await below().take_from_trash(std::move(entry), std::move(folder), std::move(identity));
    if (!taken) co_return taken;
    auto looked_up = name;
    auto const backup = co_await below().find(std::move(looked_up));
    Result<void> recorded = boost::system::in_place_value;
    if (!backup) recorded = backup.error();
    if (backup && backup->manifest) {
        auto key = trust_key(*backup->manifest);
        recorded = co_await trusted_.set_protected(std::move(key), true);
    }
    // It is back in any case.
    if (!recorded) spdlog::warn("backup '{}' is not protected: {}", name, recorded.error().context);
    co_return boost::system::in_place_value;
}

/// A person has looked at what it restores: its files as they are now are what the next restore and each deletion rely
/// on.
task<Result<void>> TrustingCatalog::prove(Backup backup) {
    auto const states = co_await below().file_states(backup.name);
    if (!states) co_return states.error();
    auto key = trust_key(*backup.manifest);
    auto proof = proof_of(*states);
    if (proof.empty()) co_return boost::system::in_place_value;
    co_return co_await trusted_.set_proof(std::move(key), std::move(proof));
}

task<Result<Backup>> TrustingCatalog::accept(std::string folder) {
    auto backup = co_await below().accept(std::move(folder));
    if (!backup) co_return backup;
    if (backup->manifest && backup->manifest->accepted) {
        auto key = trust_key(*backup->manifest);
        auto const at = *backup->manifest->accepted;
        auto const recorded = co_await trusted_.set_accepted(std::move(key), at);
        if (!recorded) co_return while_doing(recorded.error(), "recording that '" + backup->name + "' is accepted");
        auto const proven = co_await prove(*backup);
        if (!proven) co_return while_doing(proven.error(), "recording a proof of the files of '" + backup->name + "'");
    }
    judge(*backup);
    co_return backup;
}

}  // namespace sb::engine
