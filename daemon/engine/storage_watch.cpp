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

void StorageWatch::check(ConditionRegistry& conditions) const {
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
        auto reason = what + (found.first->name.empty() ? "" : " ('" + found.first->name + "')") +
                      " has not returned since " + format_rfc3339(found.first->since_utc);
        if (found.calls > 1) reason += "; " + std::to_string(found.calls) + " such calls wait";
        conditions.raise(ConditionKind::storage_slow, std::move(reason), what);
    }
    // Those of the previous run, too.
    for (auto const& condition : conditions.all())
        if (condition.kind == ConditionKind::storage_slow && !slow_calls.contains(condition.subject))
            conditions.clear(condition.kind, condition.subject);
}

task<void> StorageWatch::run(ConditionRegistry& conditions) {
    constexpr Milliseconds pause = std::chrono::seconds{10};
    for (;;) {
        check(conditions);
        auto const next = time_.steady_now() + pause;
        co_await time_.sleep_until(next);
    }
}

}  // namespace sb::engine
