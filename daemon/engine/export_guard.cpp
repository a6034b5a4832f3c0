#include "daemon/engine/export_guard.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr Milliseconds test_every = 5min;
constexpr Milliseconds longest_pause = 1h;
constexpr std::string_view trial_text =
    "a test in LocalPath succeeded, so exports are tried one at a time until one succeeds; before: ";

bool has_ended_at_the_cluster(Job const& job) {
    return job.kind == JobKind::backup && job.outcome == Outcome::failed && job.error &&
           (job.end == ExportEnd::seen || job.end == ExportEnd::inferred);
}

bool is_of_local_path(Error const& error) {
    using enum Errc;
    return error.code == io || error.code == no_space || error.code == share_not_visible || error.code == not_permitted;
}

/// Nothing was sent: LocalPath or the cluster refused it before.
bool failed_before_its_order(Job const& job) { return job.outcome == Outcome::failed && job.error && !job.posted; }

bool is_of_its_files(Error const& error) {
    return error.code == Errc::incomplete_backup || error.code == Errc::damaged_backup;
}

}  // namespace

void ExportGuard::load() {
    for (auto const& condition : conditions_.all())
        if (condition.kind == ConditionKind::exports_failing) reason_ = condition.reason;
    if (reason_.starts_with(trial_text)) reason_.erase(0, trial_text.size());
    has_export_failed_ = !reason_.empty();
}

std::string ExportGuard::text() const {
    return "no export is ordered until a test in LocalPath succeeds, because each would fail: " + reason_;
}

void ExportGuard::block(std::string reason) {
    bool const was_blocked = !reason_.empty();
    reason_ = std::move(reason);
    is_trial_ = false;
    has_export_failed_ = true;
    suspicious_.reset();
    conditions_.raise(ConditionKind::exports_failing, reason_);
    if (was_blocked) return;  // one that was running meanwhile
    pause_ = std::clamp(pause_ * 2, test_every, longest_pause);
    test_at_ = time_.steady_now() + pause_;
    spdlog::error("{}", text());
}

void ExportGuard::note(Job const& finished) {
    if (finished.kind != JobKind::backup || finished.phase != Phase::finished) return;
    // Only the schedule's own failures make a VM wait: a manual attempt that fails in between changes nothing of that.
    if (finished.scheduled || finished.outcome == Outcome::succeeded) failed_.erase(finished.vm);
    if (finished.outcome == Outcome::succeeded) {
        suspicious_.reset();
        pause_ = 0ms;
        written_at_ = time_.steady_now();
        if (reason_.empty() && !is_trial_) return;
        is_trial_ = has_export_failed_ = false;
        reason_.clear();
        conditions_.clear(ConditionKind::exports_failing);
        return;
    }
    if (failed_before_its_order(finished)) {
        written_at_.reset();  // the next test shows whether LocalPath is at fault
        if (is_of_local_path(*finished.error)) note_shared_failure(finished);
    }
    if (!has_ended_at_the_cluster(finished)) return;
    auto reason = finished.vm_name + ": " + finished.error->context;
    bool const is_of_files = is_of_its_files(*finished.error);
    bool const is_second = is_of_files && suspicious_ && suspicious_->vm != finished.vm;
    if (!is_of_local_path(*finished.error) && !is_second && !(is_of_files && is_trial_)) {
        if (is_of_files) suspicious_ = finished;
        return;
    }
    note_shared_failure(finished);
    if (is_second) note_shared_failure(*suspicious_);
    block(std::move(reason));
}

void ExportGuard::note_earlier(Job const& finished) {
    if (finished.kind != JobKind::backup || finished.phase != Phase::finished) return;
    if (finished.scheduled || finished.outcome == Outcome::succeeded) failed_.erase(finished.vm);
    bool const is_shared = has_ended_at_the_cluster(finished) || failed_before_its_order(finished);
    if (is_shared && is_of_local_path(*finished.error)) note_shared_failure(finished);
}

/// A test does not show whether an export fits.
void ExportGuard::note_shared_failure(Job const& failed) {
    if (failed.scheduled && failed.error->code != Errc::no_space) failed_[failed.vm].job = failed.id;
}

task<Result<void>> ExportGuard::test() {
    auto tested = co_await catalog_.probe();
    if (tested) written_at_ = time_.steady_now();
    co_return tested;
}

void ExportGuard::note_failed_test(Error const& error) {
    reason_ = error.context;
    conditions_.raise(ConditionKind::exports_failing, reason_);
}

void ExportGuard::end_causes() {
    for (auto& [vm, failed] : failed_) failed.has_cause_ended = true;
}

bool ExportGuard::has_cause_ended(Job const& failed) const {
    auto const found = failed_.find(failed.vm);
    return found != failed_.end() && found->second.job == failed.id && found->second.has_cause_ended;
}

/// No export has failed, or the trial goes on.
task<std::string> ExportGuard::objection_of_first_test() {
    std::string none;
    auto const now = time_.steady_now();
    if (written_at_ && now - *written_at_ < test_every) co_return none;
    written_at_ = now;  // others that ask meanwhile do not test, too
    auto const tested = co_await test();
    if (tested) end_causes();
    // A full disk is the business of each export: the trash makes room for it.
    if (tested || tested.error().code == Errc::no_space || !reason_.empty()) co_return none;
    test_at_ = time_.steady_now() + test_every;
    note_failed_test(tested.error());
    spdlog::error("{}", text());
    co_return text();
}

task<std::string> ExportGuard::objection() {
    std::string none;
    auto else_waits = why_else_();
    if (!else_waits.empty()) co_return else_waits;
    if (reason_.empty()) co_return co_await objection_of_first_test();
    auto const now = time_.steady_now();
    if (test_at_ && now < *test_at_) co_return text();
    test_at_ = now + test_every;
    auto const tested = co_await test();
    if (reason_.empty()) co_return none;  // an export succeeded meanwhile
    if (!tested) {
        note_failed_test(tested.error());
        co_return text();
    }
    end_causes();
    auto before = std::exchange(reason_, std::string());
    if (!has_export_failed_) {
        spdlog::info("a test in LocalPath succeeded: scheduled exports continue");
        conditions_.clear(ConditionKind::exports_failing);
        co_return none;
    }
    spdlog::info("a test in LocalPath succeeded: scheduled exports continue, one at a time until one succeeds");
    is_trial_ = true;
    conditions_.raise(ConditionKind::exports_failing, std::string(trial_text) + before);
    co_return none;
}

}  // namespace sb::engine
