#include "daemon/engine/storage_watch.hpp"

#include <cstddef>
#include <map>
#include <utility>

namespace sb::engine {

using namespace core;

StorageWatch::Call StorageWatch::begin(std::string what, std::string name) {
    auto const place =
        calls_->insert(calls_->end(), Running{std::move(what), std::move(name), time_.steady_now(), time_.now()});
    return Call(calls_, place);
}

bool StorageWatch::check(ConditionRegistry& conditions) const {
    struct Slow {
        Running const* first = nullptr;
        std::size_t calls = 0;
    };
    std::map<std::string, Slow> slow_calls;
    for (auto const& call : *calls_) {  // the oldest first
        if (time_.steady_now() - call.since < slow) continue;
        auto& found = slow_calls[call.what];
        if (found.first == nullptr) found.first = &call;
        ++found.calls;
    }
    for (auto const& [what, found] : slow_calls) {
        auto const name = what == listing ? folder_being_listed_() : found.first->name;
        auto reason = what + (name.empty() ? "" : " ('" + name + "')") + " has not returned since " +
                      format_rfc3339(found.first->since_utc);
        if (found.calls > 1) reason += "; " + std::to_string(found.calls) + " such calls wait";
        conditions.raise(ConditionKind::storage_slow, std::move(reason), what);
    }
    // Those of the previous run, too.
    for (auto const& condition : conditions.all())
        if (condition.kind == ConditionKind::storage_slow && !slow_calls.contains(condition.subject))
            conditions.clear(condition.kind, condition.subject);
    return !slow_calls.empty();
}

task<void> StorageWatch::run(ConditionRegistry& conditions) {
    constexpr Milliseconds pause = std::chrono::seconds{10}, pause_while_slow = std::chrono::seconds{1};
    for (;;) {
        bool const is_slow = check(conditions);
        auto const next = time_.steady_now() + (is_slow ? pause_while_slow : pause);
        co_await time_.sleep_until(next);
    }
}

}  // namespace sb::engine
