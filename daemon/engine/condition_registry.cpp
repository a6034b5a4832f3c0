#include "daemon/engine/condition_registry.hpp"

#include "daemon/async/failure.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// A condition that only continues to stand is recorded again after this time, with its newest reason.
constexpr auto record_confirmations_every = 1h;

std::string name_with_subject(Condition const& condition) {
    std::string text(info_of(condition.kind).name);
    if (!condition.subject.empty()) text += " (" + condition.subject + ")";
    return text;
}

void log_raised(Condition const& condition) {
    auto const& info = info_of(condition.kind);
    auto const level = info.severity == Severity::error ? spdlog::level::err : spdlog::level::warn;
    spdlog::log(level, "condition {}: {}: {}", name_with_subject(condition), info.summary, condition.reason);
}

void report_recording_crash(std::exception_ptr failure) {
    spdlog::error("recording the conditions failed: {}", internal_error(exception_text(failure)).context);
}

}  // namespace

ConditionRegistry::ConditionRegistry(asio::any_io_executor executor, ports::Journal& journal, ports::Time& time)
    : journal_(journal), time_(time), group_(executor, report_recording_crash) {}

task<Result<void>> ConditionRegistry::load() {
    auto const recorded = co_await journal_.conditions();
    if (!recorded) co_return recorded.error();
    for (auto const& condition : *recorded)
        spdlog::info("condition {}, present since {}: {}", name_with_subject(condition),
                     format_rfc3339(condition.since), condition.reason);
    conditions_.restore(*recorded);
    recorded_at_ = time_.steady_now();
    loaded_ = true;
    if (!is_recorded()) record_soon();
    co_return boost::system::in_place_value;
}

task<void> ConditionRegistry::finish() {
    group_.stop();
    co_await group_.join();
    // Also with the newest reasons. Without load() the journal may have conditions that we do not know.
    auto all = conditions_.all();
    if (!loaded_ || (is_recorded() && all.empty())) co_return;
    loaded_ = false;
    auto const saved = co_await journal_.save_conditions(std::move(all));
    if (!saved) spdlog::warn("the conditions could not be recorded: {}", saved.error().context);
}

void ConditionRegistry::raise(ConditionKind kind, std::string reason, std::string subject) {
    auto const raised = conditions_.raise(kind, std::move(subject), std::move(reason), time_.now());
    if (raised) log_raised(*raised);
    bool const recorded_long_ago = recorded_at_ && time_.steady_now() - *recorded_at_ >= record_confirmations_every;
    if (!raised && !recorded_long_ago) return;
    ++changes_;
    record_soon();
}

void ConditionRegistry::clear(ConditionKind kind, std::string const& subject) {
    auto const cleared = conditions_.clear(kind, subject);
    if (!cleared) return;
    spdlog::info("condition {} cleared; it was present since {}", name_with_subject(*cleared),
                 format_rfc3339(cleared->since));
    ++changes_;
    record_soon();
}

void ConditionRegistry::note_journal(Result<void> const& written) {
    // A job that the journal does not know: it could be read, and was not written to.
    if (!written && written.error().code == Errc::not_found) return;
    note(ConditionKind::journal_unwritable, written);
}

void ConditionRegistry::record_soon() {
    if (!loaded_ || recording_) return;
    recording_ = true;
    group_.spawn(record());
}

task<void> ConditionRegistry::record() {
    struct Ended {
        bool& recording;
        ~Ended() { recording = false; }
    };
    Ended const at_the_end{recording_};
    Milliseconds pause = 1s;
    while (!is_recorded()) {
        auto const changes = changes_;
        auto all = conditions_.all();
        auto const saved = co_await journal_.save_conditions(std::move(all));
        if (saved) {
            recorded_changes_ = changes;
            recorded_at_ = time_.steady_now();
            pause = 1s;
        }
        note_journal(saved);
        if (saved) continue;
        auto const wake = time_.steady_now() + pause;
        co_await time_.sleep_until(wake);
        pause = std::min<Milliseconds>(pause * 2, 30s);
    }
}

}  // namespace sb::engine
