#include "daemon/engine/clock_watch.hpp"

#include "daemon/engine/repeat.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto clock_fact = "last_time";
constexpr auto recent_date = 1h;
constexpr auto ask_every = 5min;
constexpr auto record_every = 1h;
/// Counted running time that is lost with a kill makes a doubt last longer.
constexpr auto record_doubt_every = 10min;

std::optional<UtcTime> newest_time(std::vector<Backup> const& backups) {
    std::optional<UtcTime> newest;
    for (auto const& backup : backups)
        if (backup.manifest) newest = std::max(newest, std::optional(backup.manifest->completed));
    return newest;
}

}  // namespace

task<Result<void>> ClockWatch::load() {
    auto const recorded = co_await dependencies_.journal.fact(clock_fact);
    if (!recorded) co_return recorded.error();
    if (*recorded) witness_ = ClockWitness::from_text(**recorded);
    needs_manifests_ = witness_ == ClockWitness();
    co_return boost::system::in_place_value;
}

bool ClockWatch::has_recent_date() const {
    auto const date = dependencies_.cluster.latest_date();
    return date && dependencies_.time.steady_now() - date->received <= recent_date;
}

ClockReading ClockWatch::reading() const {
    ClockReading reading{dependencies_.time.now(), dependencies_.time.boot_now(), dependencies_.boot_id};
    auto const date = dependencies_.cluster.latest_date();
    if (date && has_recent_date()) reading.cluster = date->date + (dependencies_.time.steady_now() - date->received);
    return reading;
}

/// A journal that was lost must not make a clock believed that is years off.
task<void> ClockWatch::read_manifests() {
    auto const backups = co_await dependencies_.catalog.list();
    if (!backups || !needs_manifests_) co_return;
    if (auto const newest = newest_time(*backups)) witness_ = ClockWitness::from_text(format_rfc3339(*newest));
    needs_manifests_ = false;
}

task<void> ClockWatch::ask_cluster() {
    asked_at_ = dependencies_.time.steady_now();
    co_await dependencies_.cluster.identity();  // only the date of its reply matters, and a refusal has one, too
    was_asked_ = true;
}

/// Before the first reading: a machine that was off for a week would be in doubt until the cluster's clock is known.
task<void> ClockWatch::prepare() {
    if (is_ready_) co_return;
    if (!was_asked_ && !has_recent_date()) co_await ask_cluster();
    if (needs_manifests_) co_await read_manifests();
    is_ready_ = !needs_manifests_;
}

void ClockWatch::report(ClockChange change, std::string const& doubt_before) {
    if (change != ClockChange::none) is_changed_ = true;
    if (in_doubt()) dependencies_.conditions.raise(ConditionKind::clock_in_doubt, doubt());
    else dependencies_.conditions.clear(ConditionKind::clock_in_doubt);
    if (change == ClockChange::ended_by_agreement) spdlog::info("the cluster's clock agrees, so the clock is believed");
    if (change != ClockChange::ended_unwitnessed) return;
    spdlog::warn("the clock was accepted without confirmation: {}", doubt_before);
    dependencies_.accepted_unconfirmed(doubt_before);
}

void ClockWatch::observe() {
    if (!is_ready_) return;
    auto const doubt_before = doubt();
    auto const change = witness_.observe(reading());
    report(change, doubt_before);
}

task<void> ClockWatch::check() {
    co_await prepare();
    observe();
    auto const now = dependencies_.time.steady_now();
    bool const may_ask = !asked_at_ || now - *asked_at_ >= ask_every;
    if (is_ready_ && in_doubt() && !has_recent_date() && may_ask) {
        co_await ask_cluster();
        observe();
    }
    co_await record_if_due();
}

task<Result<void>> ClockWatch::record(std::string text) {
    auto const saved = co_await dependencies_.journal.set_fact(clock_fact, std::move(text));
    dependencies_.conditions.note_journal(saved);
    if (saved) recorded_at_ = dependencies_.time.steady_now();
    co_return saved;
}

task<void> ClockWatch::record_if_due() {
    if (!is_ready_) co_return;
    auto const every = in_doubt() ? record_doubt_every : record_every;
    auto const now = dependencies_.time.steady_now();
    if (!is_changed_ && recorded_at_ && now - *recorded_at_ < every) co_return;
    is_changed_ = false;
    auto text = witness_.text();
    auto const saved = co_await record(std::move(text));
    if (!saved) is_changed_ = true;
}

task<void> ClockWatch::run() {
    auto turn = [this] { return check(); };
    return repeat(dependencies_.time, dependencies_.check_every, "checking the clock", std::move(turn));
}

task<void> ClockWatch::finish() {
    if (!is_ready_) co_return;
    observe();
    auto text = witness_.text();
    auto const saved = co_await record(std::move(text));
    if (!saved) spdlog::warn("the time could not be recorded: {}", saved.error().context);
}

std::string ClockWatch::doubt() const {
    if (needs_manifests_) return "no time is recorded, and the manifests of earlier backups have not been read";
    return witness_.in_doubt() ? witness_.explain(dependencies_.zone) : std::string();
}

std::string ClockWatch::remark() const {
    return witness_.in_doubt() ? std::string() : witness_.explain(dependencies_.zone);
}

task<Result<ClockAccepted>> ClockWatch::accept() {
    if (!has_recent_date()) co_await ask_cluster();
    auto accepted = witness_;
    accepted.accept(reading());
    auto text = accepted.text();
    auto const saved = co_await record(std::move(text));
    if (!saved) co_return while_doing(saved.error(), "recording that the clock is right");
    // Again, since a reading may have been made meanwhile.
    witness_.accept(reading());
    needs_manifests_ = false;
    is_ready_ = true;
    dependencies_.conditions.clear(ConditionKind::clock_in_doubt);
    spdlog::info("the clock was accepted by the administrator{}", remark().empty() ? "" : ": " + remark());
    co_return ClockAccepted{dependencies_.time.now(), remark()};
}

}  // namespace sb::engine
