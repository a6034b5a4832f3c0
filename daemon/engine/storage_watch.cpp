#include "daemon/engine/storage_watch.hpp"

#include <cstddef>
#include <map>
#include <utility>

namespace sb::engine {

using namespace core;

StorageWatch::Call StorageWatch::begin(std::string what, std::string name, std::string consequence) {
    Running call{std::move(what), std::move(name), std::move(consequence), time_.steady_now(), time_.now()};
    auto const place = calls_->insert(calls_->end(), std::move(call));
    return Call(calls_, place);
}

void StorageWatch::add_slow_calls(Reasons& reasons) const {
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
        auto const& name = found.first->name;
        auto reason = what + (name.empty() ? "" : " ('" + name + "')") + " has not returned since " +
                      format_rfc3339(found.first->since_utc);
        if (found.calls > 1) reason += "; " + std::to_string(found.calls) + " such calls wait";
        if (!found.first->consequence.empty()) reason += ". " + found.first->consequence;
        reasons.emplace(what, std::move(reason));
    }
}

void StorageWatch::add_unanswered_folders(Reasons& reasons) const {
    auto const folders = unanswered_folders_();
    auto const others = folders.size() <= most_unanswered_
                            ? std::string("; the others can be used")
                            : ". So many folders do not answer (" + std::to_string(folders.size()) +
                                  ") that LocalPath is not listed: until at most " + std::to_string(most_unanswered_) +
                                  " hang, no scheduled backup is made";
    for (auto const& one : folders) {
        auto reason = "reading its folder has not returned since " + format_rfc3339(one.since) +
                      ". Until it does, this backup is not restored, and no backup of its VM is deleted by the rules; "
                      "the VM is not exported again before its interval" +
                      others;
        reasons.emplace("backup '" + one.folder + "'", std::move(reason));
    }
}

bool StorageWatch::check(ConditionRegistry& conditions) const {
    Reasons reasons;
    add_slow_calls(reasons);
    add_unanswered_folders(reasons);
    for (auto const& [subject, reason] : reasons) conditions.raise(ConditionKind::storage_slow, reason, subject);
    // Those of the previous run, too.
    for (auto const& condition : conditions.all())
        if (condition.kind == ConditionKind::storage_slow && !reasons.contains(condition.subject))
            conditions.clear(condition.kind, condition.subject);
    return !reasons.empty();
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
