#include "daemon/engine/proofs.hpp"

#include "daemon/core/file_proof.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sb::engine {

using namespace core;

namespace {

/// So that one round after an update does not take minutes.
constexpr int most_at_a_time = 100;

Error never_proven(std::string const& backup) {
    return {Errc::refused, "the files of backup '" + backup +
                               "' were never proven: the daemon was stopped when the backup was made, and they may "
                               "have been changed since"};
}

}  // namespace

task<Result<void>> Proofs::check_unchanged(std::string backup) {
    auto const found = co_await catalog_.find(backup);
    if (!found) co_return found.error();
    if (!found->manifest) co_return boost::system::in_place_value;
    auto const* const known = trusted_.find(*found->manifest);
    if (known == nullptr) co_return boost::system::in_place_value;
    auto key = trust_key(*known);
    auto const proof = known->proof;
    if (is_unproven(*known) && !renewed_.contains(backup)) co_return never_proven(backup);
    auto const states = co_await catalog_.file_states(backup);
    if (!states) co_return while_doing(states.error(), "examining the files");
    auto now = proof_of(*states);
    bool const is_proven_now = proof.empty() || renewed_.contains(backup);
    bool const differs = !is_proven_now && !difference_of(proof, now).empty();
    if (differs) co_return Error{Errc::refused, changed_text(backup, proof, now)};
    if (!is_proven_now) co_return boost::system::in_place_value;
    renewed_.erase(backup);
    auto const kept = co_await trusted_.set_proof(std::move(key), std::move(now));
    if (!kept) spdlog::warn("the proof of backup '{}' could not be recorded: {}", backup, kept.error().context);
    co_return boost::system::in_place_value;
}

/// False: the journal does not take it now.
task<bool> Proofs::take(TrustedCopy copy) {
    auto key = trust_key(copy);
    auto const states = co_await catalog_.file_states(copy.backup);
    auto proof = states ? proof_of(*states) : std::string();
    if (proof.empty()) {
        failed_.insert(std::move(key));
        co_return true;
    }
    auto const kept = co_await trusted_.set_proof(std::move(key), std::move(proof));
    co_return kept.has_value();
}

task<void> Proofs::take_renewed() {
    auto const renewed = renewed_;
    for (auto const& backup : renewed) {
        auto const found = co_await catalog_.find(backup);
        auto const* const known = found && found->manifest ? trusted_.find(*found->manifest) : nullptr;
        bool is_done = true;
        if (known != nullptr) {
            auto copy = *known;
            is_done = co_await take(std::move(copy));
        }
        if (is_done) renewed_.erase(backup);
    }
}

task<bool> Proofs::take_missing() {
    co_await take_renewed();
    int taken = 0;
    auto const unproven = trusted_.unproven();
    for (auto const& known : unproven) {
        if (is_unproven(known) || failed_.contains(trust_key(known))) continue;
        if (taken == most_at_a_time) co_return true;
        ++taken;
        auto copy = known;
        bool const is_kept = co_await take(std::move(copy));
        if (!is_kept) co_return false;
    }
    co_return false;
}

}  // namespace sb::engine
