#include "daemon/engine/claim_check.hpp"

#include "daemon/core/file_proof.hpp"
#include "daemon/core/text.hpp"
#include "daemon/engine/repeat.hpp"
#include "daemon/engine/rescued_export.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// The fact of the journal that LocalPath has been checked.
constexpr auto claims_fact = "claims";
constexpr auto claims_checked = "checked";

constexpr auto longest_hold = 2h;
constexpr auto longest_silence = 24h;
constexpr auto look_every = 10min;
constexpr auto look_again = 1min;
constexpr int most_attempts = 3;

void forget_claim(std::vector<Backup>& backups, std::string const& name) {
    auto const found = std::ranges::find(backups, name, &Backup::name);
    if (found != backups.end()) found->is_claim = false;
}

bool is_claim_in(std::vector<Backup> const& backups, std::string const& name) {
    auto const found = std::ranges::find(backups, name, &Backup::name);
    return found != backups.end() && found->is_claim;
}

/// The job that made it, if the journal knows that: not one that was taken from a manifest, nor one that succeeded. Its
/// backup is known by its own name, so this is a copy.
Job const* job_of(Manifest const& manifest, std::vector<Job> const& jobs) {
    auto const made_it = [&](Job const& job) {
        return job.kind == JobKind::backup && !job.is_claim && job.outcome != Outcome::succeeded &&
               job.id == manifest.job && !job.attempt.empty() && job.attempt == manifest.attempt &&
               job.vm == manifest.vm_uuid;
    };
    auto const found = std::ranges::find_if(jobs, made_it);
    return found == jobs.end() ? nullptr : &*found;
}

bool is_of_the_backup(Errc code) {
    return code == Errc::damaged_backup || code == Errc::incomplete_backup || code == Errc::not_found ||
           code == Errc::refused;
}

std::string names_text(std::vector<std::string> const& names) {
    constexpr std::size_t most_named = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i)
        text += (i == 0 ? "'" : ", '") + names[i] + "'";
    if (names.size() > most_named) text += " and " + std::to_string(names.size() - most_named) + " more";
    return text;
}

}  // namespace

ClaimCheck::ClaimCheck(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      wake_up_(dependencies_.executor, dependencies_.time, dependencies_.max_sleep) {}

task<Result<void>> ClaimCheck::load() {
    auto const known = co_await dependencies_.journal.fact(claims_fact);
    if (!known) co_return known.error();
    is_checked_ = *known == claims_checked;
    began_ = dependencies_.time.steady_now();
    co_return boost::system::in_place_value;
}

task<void> ClaimCheck::run() {
    std::function<task<void>()> turn = [this] { return this->turn(); };
    Repetition repetition;
    repetition.what = "checking the backups that the journal does not know";
    repetition.after_a_bug = 1min;
    return repeat(dependencies_.time, std::move(repetition), std::move(turn));
}

std::string ClaimCheck::progress() const {
    if (!candidates_) return "LocalPath has not been read yet";
    return std::to_string(urgent_done_) + " of " + std::to_string(urgent_) + " checked";
}

std::string ClaimCheck::why_exports_wait() const {
    if (is_checked_ || has_urgent_ended_ || dependencies_.time.steady_now() - began_ >= longest_hold) return {};
    return "the journal is new: the newest backup of each VM is checked before a scheduled export starts (" +
           progress() + ")";
}

void ClaimCheck::report_progress() {
    bool const is_needless = is_checked_ || (candidates_ && candidates_->empty());
    if (is_needless) return dependencies_.conditions.clear(ConditionKind::backups_being_checked);
    auto text = has_urgent_ended_ ? std::string(
                                        "the newest backup of each VM has been checked; older ones are being "
                                        "checked in the background")
                                  : why_exports_wait();
    if (text.empty()) text = "the newest backups have not been checked within two hours: " + progress();
    dependencies_.conditions.raise(ConditionKind::backups_being_checked, std::move(text));
}

/// One condition for all: what a neighbour can put there must not fill the list.
void ClaimCheck::report(std::vector<Backup> const& backups) {
    std::vector<std::string> unknown;
    for (auto const& backup : backups) {
        bool const will_be_checked = !is_checked_ && candidates_->contains(backup.name);
        bool const is_left = !will_be_checked || given_up_.contains(backup.name);
        if (backup.is_claim && backup.state == BackupState::complete && is_left) unknown.push_back(backup.name);
    }
    if (unknown.empty()) return dependencies_.conditions.clear(ConditionKind::backups_not_known);
    auto text = count_text(static_cast<std::int64_t>(unknown.size()), "backup") + " not known to the journal: ";
    dependencies_.conditions.raise(ConditionKind::backups_not_known, std::move(text) + names_text(unknown));
}

task<void> ClaimCheck::turn() {
    auto const now = dependencies_.time.steady_now();
    bool const is_due =
        !looked_at_ || now - *looked_at_ >= (is_look_incomplete_ ? look_again : Milliseconds(look_every));
    if (is_due) {
        looked_at_ = now;
        co_await look();
    }
    bool const right_place = co_await dependencies_.is_right_storage();
    are_proofs_missing_ = false;
    if (right_place) are_proofs_missing_ = co_await dependencies_.proofs.take_missing();
    auto pause = is_look_incomplete_ ? Milliseconds(look_again) : Milliseconds(look_every);
    if (are_proofs_missing_) pause = 1s;
    auto const next = dependencies_.time.now() + pause;
    co_await wake_up_.wait_until(next);
}

task<void> ClaimCheck::look() {
    is_look_incomplete_ = true;
    bool const right_place = co_await dependencies_.is_right_storage();
    if (!right_place) co_return;
    auto listed = co_await dependencies_.catalog.list();
    if (!listed) co_return;
    dependencies_.proofs.try_again();
    auto in_trash = dependencies_.in_trash();
    auto existing = *listed;
    auto const noted = co_await dependencies_.trusted.note_existing(std::move(existing), std::move(in_trash));
    if (!noted) spdlog::warn("the journal could not be written: {}", noted.error().context);
    if (!candidates_) {
        candidates_.emplace();
        for (auto const& backup : *listed)
            if (backup.is_claim || (backup.is_unanswered && !backup.manifest)) candidates_->insert(backup.name);
    }
    bool is_complete = true;
    if (!is_checked_) is_complete = co_await check_candidates(*listed);
    if (has_urgent_ended_ || is_checked_) {
        bool const are_rescued_done = co_await check_rescued(*listed);
        is_complete = is_complete && are_rescued_done;
    }
    report(*listed);
    report_progress();
    is_look_incomplete_ = !is_complete;
}

/// False: some have to be tried again.
task<bool> ClaimCheck::check_candidates(std::vector<Backup>& backups) {
    auto checked = backups;
    std::erase_if(checked,
                  [this](Backup const& backup) { return backup.is_claim && !candidates_->contains(backup.name); });
    bool const are_newest_done = co_await check_urgent(checked);
    if (!are_newest_done) co_return false;
    if (!has_urgent_ended_) {
        has_urgent_ended_ = true;
        report_progress();
        dependencies_.backups_changed();
    }
    auto claims = claims_to_check(checked, given_up_, dependencies_.time.now());
    auto later = std::move(claims.later);
    later.insert(later.begin(), claims.urgent.begin(), claims.urgent.end());
    bool const are_all_done = co_await check_each(std::move(later), checked);
    std::set<std::string> passed;
    for (auto const& backup : checked)
        if (!backup.is_claim) passed.insert(backup.name);
    for (auto& backup : backups)
        if (passed.contains(backup.name)) backup.is_claim = false;
    if (!are_all_done || is_any_silent(backups)) co_return false;
    co_await end_checking();
    co_return is_checked_;
}

/// What was there before the journal counts once it answers, within a day.
bool ClaimCheck::is_any_silent(std::vector<Backup> const& backups) const {
    if (dependencies_.time.steady_now() - began_ >= longest_silence) return false;
    return std::ranges::any_of(backups, [this](Backup const& backup) {
        return backup.is_unanswered && (backup.is_claim || !backup.manifest) && candidates_->contains(backup.name);
    });
}

/// A newest copy that fails makes the one before it the newest.
task<bool> ClaimCheck::check_urgent(std::vector<Backup>& backups) {
    while (!has_urgent_ended_) {
        auto claims = claims_to_check(backups, given_up_, dependencies_.time.now());
        if (claims.urgent.empty()) co_return true;
        urgent_ = std::max(urgent_, urgent_done_ + claims.urgent.size());
        bool const are_done = co_await check_each(std::move(claims.urgent), backups);
        if (!are_done) co_return false;
    }
    co_return true;
}

task<bool> ClaimCheck::check_each(std::vector<std::string> names, std::vector<Backup>& backups) {
    bool has_passed = false;
    bool is_complete = true;
    for (auto const& name : names) {
        report_progress();
        auto const outcome = co_await check(name);
        if (outcome == Outcome::postponed) {
            is_complete = false;
            break;  // LocalPath or the journal: a minute later
        }
        if (!has_urgent_ended_) ++urgent_done_;
        if (outcome == Outcome::failed) continue;
        has_passed = true;
        forget_claim(backups, name);
    }
    if (has_passed && has_urgent_ended_) dependencies_.backups_changed();
    co_return is_complete;
}

task<void> ClaimCheck::end_checking() {
    auto const noted = co_await dependencies_.journal.set_fact(claims_fact, claims_checked);
    if (!noted) co_return;
    is_checked_ = true;
    spdlog::info("the backups in LocalPath have been checked: {} of {} count", candidates_->size() - given_up_.size(),
                 candidates_->size());
}

/// Exports whose job had ended when the clean-up gave them their name.
task<bool> ClaimCheck::check_rescued(std::vector<Backup>& backups) {
    std::vector<Backup const*> claims;
    std::set<std::string> existing;
    for (auto const& backup : backups) {
        if (!backup.is_claim || backup.state != BackupState::complete) continue;
        existing.insert(backup.name);
        if (!looked_up_.contains(backup.name)) claims.push_back(&backup);
    }
    std::erase_if(looked_up_, [&](std::string const& name) { return !existing.contains(name); });
    if (claims.empty()) co_return true;
    auto const jobs = co_await dependencies_.journal.recent(ports::journal_depth);
    if (!jobs) co_return false;
    std::vector<std::string> names;
    bool is_known = true;
    for (auto const* backup : claims) {
        looked_up_.insert(backup->name);
        auto const* const job = backup->manifest->backup == backup->name ? job_of(*backup->manifest, *jobs) : nullptr;
        if (job == nullptr) continue;
        auto fact = rescued_fact(job->id);
        auto const named = co_await dependencies_.journal.fact(std::move(fact));
        if (!named) is_known = false;
        if (!named || *named != backup->name) {
            looked_up_.erase(backup->name);  // the clean-up may be about to record it
            continue;
        }
        rescued_.insert_or_assign(backup->name, *job);
        names.push_back(backup->name);
    }
    bool const is_complete = co_await check_each(std::move(names), backups);
    auto const rescued = std::exchange(rescued_, std::map<std::string, Job>());
    for (auto const& [name, job] : rescued) {
        if (is_complete || !is_claim_in(backups, name)) co_await use_up(job.id);
        else looked_up_.erase(name);
    }
    co_return is_complete&& is_known;
}

/// Another folder that gets its name later is not this export.
task<void> ClaimCheck::use_up(JobId rescued) {
    auto fact = rescued_fact(rescued);
    auto const noted = co_await dependencies_.journal.set_fact(std::move(fact), std::string());
    if (!noted) spdlog::warn("the journal could not be written: {}", noted.error().context);
}

ClaimCheck::Outcome ClaimCheck::failed(std::string const& name, Error const& error) {
    bool const is_final = is_of_the_backup(error.code) || ++attempts_[name] >= most_attempts;
    if (!is_final) return Outcome::postponed;
    attempts_.erase(name);
    given_up_.insert(name);
    spdlog::warn("backup '{}' does not count, since its check failed: {}", name, error.context);
    return Outcome::failed;
}

task<ClaimCheck::Outcome> ClaimCheck::check(std::string name) {
    auto copy = co_await prove(name, TrustSource::check);
    if (!copy) co_return failed(name, copy.error());
    if (auto const rescued = rescued_.find(name); rescued != rescued_.end()) {
        copy->started = rescued->second.posted.value_or(rescued->second.queued);
        copy->scheduled = rescued->second.scheduled;
        copy->end = ExportEnd::inferred;
        if (rescued->second.end == ExportEnd::seen) copy->end = ExportEnd::seen;
        copy->accepted.reset();
    }
    auto const recorded = co_await dependencies_.trusted.add(std::move(*copy));
    attempts_.erase(name);
    if (recorded) co_return Outcome::passed;
    spdlog::warn("the journal could not be written: {}", recorded.error().context);
    co_return Outcome::postponed;
}

/// What lies between two equal states of the files, the manifest among them.
task<Result<TrustedCopy>> ClaimCheck::prove(std::string name, TrustSource source) {
    auto& catalog = dependencies_.catalog;
    auto const before = co_await catalog.file_states(name);
    if (!before) co_return before.error();
    auto const found = co_await catalog.find(name);
    if (!found) co_return found.error();
    if (found->state != BackupState::complete || !found->manifest)
        co_return Error{Errc::incomplete_backup, "'" + name + "' is not a complete backup"};
    if (found->manifest->backup != name)
        co_return Error{Errc::refused, "'" + name + "' was renamed or copied by hand: its manifest calls it '" +
                                           found->manifest->backup + "'; give it that name again"};
    auto const whole = co_await dependencies_.check_structure(name);
    if (!whole) co_return whole.error();
    auto const after = co_await catalog.file_states(name);
    if (!after) co_return after.error();
    if (*before != *after)
        co_return Error{Errc::io, "the files of '" + name + "' are being changed; try again when nothing writes to it"};
    auto copy = trusted_as_claimed(*found, source, dependencies_.time.now());
    copy.proof = proof_of(*after);
    co_return copy;
}

task<Result<void>> ClaimCheck::adopt(std::string backup) {
    auto name = backup;
    auto copy = co_await prove(std::move(name), TrustSource::adoption);
    if (!copy) co_return while_doing(copy.error(), "checking '" + backup + "'");
    auto const recorded = co_await dependencies_.trusted.add(std::move(*copy));
    if (!recorded) co_return recorded.error();
    given_up_.erase(backup);
    looked_at_.reset();  // the condition names it
    check_again();
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
