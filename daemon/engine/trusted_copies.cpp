#include "daemon/engine/trusted_copies.hpp"

#include <unordered_set>
#include <utility>

namespace sb::engine {

using namespace core;

task<Result<void>> TrustedCopies::load() {
    auto recorded = co_await journal_.trusted_copies();
    if (!recorded) co_return while_doing(recorded.error(), "reading which backups the journal knows");
    copies_.clear();
    for (auto& copy : *recorded) {
        auto key = trust_key(copy);
        copies_.insert_or_assign(std::move(key), std::move(copy));
    }
    co_return boost::system::in_place_value;
}

TrustedCopy const* TrustedCopies::find(Manifest const& manifest) const {
    auto const found = copies_.find(trust_key(manifest));
    return found == copies_.end() ? nullptr : &found->second;
}

void TrustedCopies::note(Job const& job) {
    auto copy = trusted_by(job);
    if (!copy) return;
    auto key = trust_key(*copy);
    copies_.try_emplace(std::move(key), std::move(*copy));
}

task<Result<void>> TrustedCopies::save(std::vector<TrustedCopy> copies, std::vector<TrustedCopy> forgotten) {
    auto const changed = copies;
    auto const gone = forgotten;
    auto const saved = co_await journal_.save_trusted(std::move(copies), std::move(forgotten));
    if (!saved) co_return saved.error();
    for (auto const& copy : changed) copies_.insert_or_assign(trust_key(copy), copy);
    for (auto const& copy : gone) copies_.erase(trust_key(copy));
    co_return boost::system::in_place_value;
}

task<Result<void>> TrustedCopies::add(TrustedCopy copy) {
    auto const lock = co_await changing_.lock();
    std::vector<TrustedCopy> copies;
    copies.push_back(std::move(copy));
    std::vector<TrustedCopy> none;
    co_return co_await save(std::move(copies), std::move(none));
}

task<Result<void>> TrustedCopies::change(std::string key, std::function<void(TrustedCopy&)> make_change) {
    auto const lock = co_await changing_.lock();
    auto const found = copies_.find(key);
    if (found == copies_.end()) co_return boost::system::in_place_value;
    std::vector<TrustedCopy> copies{found->second};
    make_change(copies.front());
    if (copies.front() == found->second) co_return boost::system::in_place_value;
    std::vector<TrustedCopy> none;
    co_return co_await save(std::move(copies), std::move(none));
}

task<Result<void>> TrustedCopies::set_proof(std::string key, std::string proof) {
    return change(std::move(key), [proof = std::move(proof)](TrustedCopy& copy) { copy.proof = proof; });
}

task<Result<void>> TrustedCopies::set_accepted(std::string key, UtcTime at) {
    return change(std::move(key), [at](TrustedCopy& copy) { copy.accepted = at; });
}

task<Result<void>> TrustedCopies::set_protected(std::string key, bool is_protected) {
    return change(std::move(key), [is_protected](TrustedCopy& copy) { copy.is_protected = is_protected; });
}

task<Result<void>> TrustedCopies::set_digest_root(std::string key, std::string root) {
    return change(std::move(key), [root = std::move(root)](TrustedCopy& copy) { copy.digest_root = root; });
}

task<Result<void>> TrustedCopies::set_damage(std::string key, std::optional<Damage> damage) {
    return change(std::move(key), [damage = std::move(damage)](TrustedCopy& copy) { copy.damage = damage; });
}

std::vector<TrustedCopy> TrustedCopies::unproven() const {
    std::vector<TrustedCopy> some;
    for (auto const& [key, copy] : copies_)
        if (copy.proof.empty() && !copy.missing_since) some.push_back(copy);
    return some;
}

task<Result<void>> TrustedCopies::note_existing(std::vector<Backup> backups, std::set<std::string> in_trash) {
    std::unordered_set<std::string> existing;
    // A folder whose manifest cannot be read now is still there.
    std::set<std::string> names = std::move(in_trash);
    for (auto const& backup : backups) {
        if (backup.manifest) existing.insert(trust_key(*backup.manifest));
        else names.insert(backup.name);
    }
    auto const lock = co_await changing_.lock();
    auto const now = time_.now();
    std::vector<TrustedCopy> changed;
    std::vector<TrustedCopy> forgotten;
    for (auto const& [key, copy] : copies_) {
        bool const is_there = existing.contains(key) || names.contains(copy.backup);
        if (is_there && !copy.missing_since) continue;
        bool const is_known_missing = copy.missing_since && *copy.missing_since <= now;  // else the clock was ahead
        if (!is_there && is_known_missing) {
            if (now - *copy.missing_since >= forget_missing_after) forgotten.push_back(copy);
            continue;
        }
        changed.push_back(copy);
        changed.back().missing_since.reset();
        if (!is_there) changed.back().missing_since = now;
    }
    if (changed.empty() && forgotten.empty()) co_return boost::system::in_place_value;
    co_return co_await save(std::move(changed), std::move(forgotten));
}

}  // namespace sb::engine
