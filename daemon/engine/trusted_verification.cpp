#include "daemon/engine/trusted_verification.hpp"

#include "common/text/shell_word.hpp"
#include "daemon/core/file_proof.hpp"

#include <spdlog/spdlog.h>

#include <cstdint>
#include <optional>

namespace sb::engine {

using namespace core;

class TrustedVerification::Reading final : public ports::Reading {
public:
    Reading(std::shared_ptr<ports::Reading> below, TrustedVerification& all, std::string backup)
        : below_(std::move(below)), all_(all), backup_(std::move(backup)) {}

    task<Result<ports::Slice>> advance(std::uint64_t max_bytes) override { return below_->advance(max_bytes); }
    task<Result<void>> save_progress() override { return below_->save_progress(); }
    task<Result<ports::VerifyResult>> finish(UtcTime at) override {
        auto name_now = backup_;
        auto const comparable = co_await all_.check_comparable(std::move(name_now));
        if (!comparable) co_return comparable.error();
        auto result = co_await below_->finish(at);
        if (!result) co_return result;
        auto name = backup_;
        auto root = result->digest_root;
        auto const same = co_await all_.compare_digests(std::move(name), std::move(root));
        if (!same) co_return same.error();
        auto backup = backup_;
        bool const is_cleared = co_await all_.clear(std::move(backup), result->level);
        result->cleared = result->cleared || is_cleared;
        co_return result;
    }
    task<Result<void>> discard_progress() override { return below_->discard_progress(); }

private:
    std::shared_ptr<ports::Reading> below_;
    TrustedVerification& all_;
    std::string backup_;
};

task<TrustedCopy const*> TrustedVerification::row_of(std::string backup) {
    auto const found = co_await catalog_.find(std::move(backup));
    if (!found || !found->manifest) co_return nullptr;
    co_return trusted_.find(*found->manifest);
}

/// The digests of the manifest lie beside the image: who changes both must not get a new proof.
task<Result<void>> TrustedVerification::compare_digests(std::string backup, std::string root) {
    auto name = backup;
    auto const* const row = co_await row_of(std::move(name));
    if (row == nullptr || root.empty() || row->digest_root == root) co_return boost::system::in_place_value;
    if (!row->digest_root.empty())
        co_return Error{Errc::damaged_backup,
                        "the content of '" + backup +
                            "' is not what it was when it was first read, although it agrees with the digests in its "
                            "manifest: files and manifest were changed. Restore another backup of this VM"};
    auto key = trust_key(*row);
    auto const kept = co_await trusted_.set_digest_root(std::move(key), std::move(root));
    if (!kept) spdlog::warn("the digests of backup '{}' could not be recorded: {}", backup, kept.error().context);
    co_return boost::system::in_place_value;
}

/// What is read now would become the new proof. Without digests from before the change there is nothing to compare it
/// with: it would only prove that the image, whatever is in it, can be read.
task<Result<void>> TrustedVerification::check_comparable(std::string backup) {
    auto name = backup;
    auto const* const row = co_await row_of(std::move(name));
    if (row == nullptr || row->proof.empty() || !row->digest_root.empty()) co_return boost::system::in_place_value;
    auto const proof = row->proof;
    auto const states = co_await catalog_.file_states(backup);
    if (!states) co_return states.error();
    auto const now = proof_of(*states);
    if (difference_of(proof, now).empty()) co_return boost::system::in_place_value;
    co_return Error{Errc::refused,
                    changed_text(backup, proof, now) +
                        ". No verification had read their content before, so there is nothing to compare it with. "
                        "Restore another backup of this VM; or, after a test restore with restore --force, accept "
                        "this one: " +
                        suggested_command("accept", {backup})};
}

task<bool> TrustedVerification::clear(std::string backup, Level passed) {
    auto name = backup;
    auto const* const row = co_await row_of(std::move(name));
    if (row == nullptr || !row->damage || !clears(*row->damage, passed)) co_return false;
    auto key = trust_key(*row);
    std::optional<Damage> none;
    auto const recorded = co_await trusted_.set_damage(std::move(key), std::move(none));
    if (!recorded)
        spdlog::warn("backup '{}' passed verification, but stays marked as damaged in the journal: {}", backup,
                     recorded.error().context);
    co_return recorded.has_value();
}

task<Result<void>> TrustedVerification::check_structure(std::string backup, Level level) {
    auto const found = co_await catalog_.find(backup);
    auto const* const row = found && found->manifest ? trusted_.find(*found->manifest) : nullptr;
    if (row != nullptr && is_manifest_changed(*found, *row))
        co_return Error{Errc::damaged_backup, "'" + backup + "': " + why_manifest_changed};
    co_return co_await below_->check_structure(std::move(backup), level);
}

task<Result<bool>> TrustedVerification::record_structure(std::string backup, UtcTime at) {
    auto name = backup;
    auto cleared = co_await below_->record_structure(std::move(name), at);
    if (!cleared) co_return cleared;
    bool const is_cleared = co_await clear(std::move(backup), Level::structure);
    if (is_cleared) *cleared = true;
    co_return cleared;
}

task<Result<std::shared_ptr<ports::Reading>>> TrustedVerification::begin_reading(std::string backup, UtcTime started) {
    auto read = backup;
    auto const comparable = co_await check_comparable(std::move(read));
    if (!comparable) co_return comparable.error();
    auto name = backup;
    auto const reading = co_await below_->begin_reading(std::move(name), started);
    if (!reading) co_return reading.error();
    std::shared_ptr<ports::Reading> noted = std::make_shared<Reading>(*reading, *this, std::move(backup));
    co_return noted;
}

task<Result<void>> TrustedVerification::record_damage(std::string backup, Damage damage) {
    auto name = backup;
    Result<void> recorded = boost::system::in_place_value;
    auto const* const row = co_await row_of(std::move(name));
    if (row != nullptr) {
        auto key = trust_key(*row);
        auto found = damage;
        recorded = co_await trusted_.set_damage(std::move(key), std::move(found));
    }
    auto marked = co_await below_->record_damage(std::move(backup), std::move(damage));
    if (!marked) co_return marked;
    co_return recorded;
}

}  // namespace sb::engine
