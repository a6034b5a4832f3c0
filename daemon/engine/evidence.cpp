#include "daemon/engine/evidence.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// How long a copy that was read counts as readable, and after which time one that was not is tried again.
constexpr auto read_again_after = 1h;

/// What the reason of such a condition begins with. Without it, a shorter reading had failed.
constexpr std::string_view by_content = "verifying its content failed: ";

}  // namespace

/// A folder that was replaced under the same name has another manifest.
std::string Evidence::key_of(Backup const& backup) {
    return backup.manifest ? backup.name + '\n' + identity_of(*backup.manifest) : backup.name;
}

Evidence::Marks& Evidence::marks() const {
    if (marks_) return *marks_;
    auto& marks = marks_.emplace();
    for (auto const& condition : conditions_.all()) {
        if (condition.kind != ConditionKind::copy_unreadable) continue;
        bool const is_of_content = condition.reason.starts_with(by_content);
        auto const reading = is_of_content ? Reading::content : Reading::samples;
        marks.emplace(condition.subject, Mark{condition.reason, reading, std::nullopt});
    }
    return marks;
}

void Evidence::mark(std::string const& backup, Mark mark) {
    auto const before = marks().find(backup);
    // What the more thorough reading found stays.
    if (before != marks().end() && before->second.reading > mark.reading) {
        before->second.tried = mark.tried;
        return;
    }
    conditions_.raise(ConditionKind::copy_unreadable, mark.why, backup);
    marks().insert_or_assign(backup, std::move(mark));
}

void Evidence::clear(std::string const& backup, Reading passed) {
    auto const found = marks().find(backup);
    if (found != marks().end() && found->second.reading <= passed) forget(backup);
}

void Evidence::forget(std::string const& backup) {
    conditions_.clear(ConditionKind::copy_unreadable, backup);
    marks().erase(backup);
}

Error Evidence::failed(std::string const& backup, Error error) {
    if (error.code == Errc::not_found) {
        forget(backup);
        return error;
    }
    Mark found;
    found.why = error.context;
    found.tried = time_.steady_now();
    mark(backup, std::move(found));
    return error;
}

/// `states`: of its files, before the reading. What is written to a file meanwhile may be behind the part that was
/// read, so that such a reading proves nothing.
task<Result<void>> Evidence::read(std::string backup, std::string key, Result<std::string> states) {
    constexpr int readings = 2;  // the first may have met a change of the manifest, as by `protect`
    for (int i = 0; i < readings; ++i) {
        auto const done = co_await catalog_.check_readable(backup);
        if (!done) co_return failed(backup, done.error());
        auto after = co_await catalog_.file_states(backup);
        if (!after) co_return failed(backup, after.error());
        if (states && *states == *after) {
            clear(backup, Reading::samples);
            // A verification may have failed during the reading.
            auto why = why_unreadable(backup);
            if (!why.empty()) co_return Error{Errc::io, std::move(why)};
            proofs_.insert_or_assign(std::move(key), Proof{time_.steady_now(), std::move(*after)});
            co_return boost::system::in_place_value;
        }
        states = std::move(after);
    }
    co_return Error{Errc::refused, "'" + backup +
                                       "': its files are being changed while they are read, so that it is not known "
                                       "whether it is good. Nothing should write to a finished backup"};
}

/// Another error says nothing about a change: the reading meets it, too.
task<Result<void>> Evidence::check_unchanged(std::string backup) {
    if (!ask_for_changes_) co_return boost::system::in_place_value;
    auto asked = backup;
    auto const unchanged = co_await ask_for_changes_(std::move(asked));
    bool const is_changed = !unchanged && unchanged.error().code == Errc::refused;
    if (is_changed) conditions_.raise(ConditionKind::copy_changed, unchanged.error().context, backup);
    if (is_changed) co_return unchanged.error();
    if (unchanged) conditions_.clear(ConditionKind::copy_changed, backup);
    co_return boost::system::in_place_value;
}

std::vector<std::string> Evidence::changed() const {
    std::vector<std::string> names;
    for (auto const& condition : conditions_.all())
        if (condition.kind == ConditionKind::copy_changed) names.push_back(condition.subject);
    return names;
}

task<Result<void>> Evidence::check(Backup backup) {
    auto name = backup.name;
    auto const unchanged = co_await check_unchanged(std::move(name));
    if (!unchanged) co_return unchanged;
    auto const now = time_.steady_now();
    std::erase_if(proofs_, [now](auto const& entry) { return now - entry.second.at >= read_again_after; });
    auto states = co_await catalog_.file_states(backup.name);
    auto key = key_of(backup);
    auto const proof = proofs_.find(key);
    if (states && proof != proofs_.end() && proof->second.states == *states) co_return boost::system::in_place_value;
    auto const known = marks().find(backup.name);
    if (known != marks().end() && known->second.reading == Reading::content)
        co_return Error{Errc::io, known->second.why};
    co_return co_await read(std::move(backup.name), std::move(key), std::move(states));
}

void Evidence::note(std::string const& backup, Level level, Result<void> const& outcome, bool by_order) {
    auto const reading = level == Level::structure ? Reading::structure : Reading::content;
    if (outcome) {
        if (reading == Reading::content && by_order) content_verified_(backup);
        return clear(backup, reading);
    }
    std::erase_if(proofs_,
                  [&](auto const& entry) { return entry.first == backup || entry.first.starts_with(backup + '\n'); });
    auto why = outcome.error().context;
    if (reading == Reading::content) why.insert(0, by_content);
    mark(backup, Mark{std::move(why), reading, std::nullopt});
}

std::string Evidence::why_unreadable(std::string const& backup) const {
    auto const found = marks().find(backup);
    return found == marks().end() ? std::string() : found->second.why;
}

void Evidence::forget_others(std::vector<Backup> const& existing) {
    auto const changed_ones = changed();
    if (marks().empty() && changed_ones.empty()) return;
    std::set<std::string> names;
    for (auto const& backup : existing) names.insert(backup.name);
    for (auto const& name : changed_ones)
        if (!names.contains(name)) conditions_.clear(ConditionKind::copy_changed, name);
    std::vector<std::string> gone;
    for (auto const& [name, mark] : marks())
        if (!names.contains(name)) gone.push_back(name);
    for (auto const& name : gone) forget(name);
}

/// True if one is as it was, or is proven as it is, or is gone.
task<bool> Evidence::check_changed_again() {
    auto const before = changed();
    for (auto const& name : before) {
        auto const found = co_await catalog_.find(name);
        if (!found && found.error().code == Errc::not_found) conditions_.clear(ConditionKind::copy_changed, name);
        if (!found) continue;
        auto asked = name;
        co_await check_unchanged(std::move(asked));
    }
    co_return changed().size() < before.size();
}

task<bool> Evidence::check_marked_again() {
    bool const one_is_settled = co_await check_changed_again();
    std::vector<std::string> waiting;
    auto const now = time_.steady_now();
    for (auto const& [name, mark] : marks())
        if (!mark.tried || now - *mark.tried >= read_again_after) waiting.push_back(name);
    auto const marked_before = marks().size();
    for (auto const& name : waiting) {
        auto const found = co_await catalog_.find(name);
        if (!found && found.error().code == Errc::not_found) forget(name);
        if (!found) continue;
        co_await check(*found);
    }
    co_return one_is_settled || marks().size() < marked_before;
}

}  // namespace sb::engine
