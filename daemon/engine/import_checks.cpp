#include "daemon/engine/import_checks.hpp"

#include "common/text/shell_word.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace sb::engine {

struct ImportChecks::Running {
    explicit Running(asio::any_io_executor const& executor) : ended(executor, asio::steady_timer::time_point::max()) {}

    asio::steady_timer ended;  ///< expires when the check has ended
    bool has_ended = false;
    Result<void> found = boost::system::in_place_value;
    std::exception_ptr bug;
};

namespace {

task<void> wait_until(asio::steady_timer& event) {
    boost::system::error_code woken;
    co_await event.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace

Error with_commands(Error found, std::string const& backup, std::string const& new_vm) {
    bool const is_changed = found.code == Errc::refused;
    bool const is_bad = found.code == Errc::damaged_backup || found.code == Errc::incomplete_backup;
    if (!is_changed && !is_bad) return found;
    if (is_changed)
        found.context +=
            ". To read everything before it is imported: " + suggested_command("restore --verify", {backup, new_vm});
    found.context += ". To restore it as it is: " + suggested_command("restore --force", {backup, new_vm});
    return found;
}

task<void> ImportChecks::check(std::string backup, std::shared_ptr<Running> running) {
    try {
        auto name = backup;
        running->found = co_await check_(std::move(name));
    } catch (...) {
        running->bug = std::current_exception();
    }
    running->has_ended = true;
    running->ended.expires_at(asio::steady_timer::time_point::min());  // also for who has not begun to wait
    running_.erase(backup);
}

std::shared_ptr<ImportChecks::Running> ImportChecks::must_end_before(std::string const& backup) const {
    auto const same = running_.find(backup);
    if (same != running_.end()) return same->second;
    return running_.size() < most_at_a_time ? nullptr : running_.begin()->second;
}

task<void> ImportChecks::wait_a_moment(std::shared_ptr<Running> running) {
    using namespace asio::experimental::awaitable_operators;
    constexpr Milliseconds moment = std::chrono::seconds{1};
    auto const next = time_.steady_now() + moment;
    auto ending = wait_until(running->ended);
    auto pause = time_.sleep_until(next);
    co_await (std::move(ending) || std::move(pause));
}

task<std::optional<Result<void>>> ImportChecks::run(std::string backup, IsWanted is_wanted) {
    if (!check_) co_return Result<void>(boost::system::in_place_value);
    for (auto other = must_end_before(backup); other != nullptr; other = must_end_before(backup)) {
        if (!is_wanted()) co_return std::nullopt;
        co_await wait_a_moment(std::move(other));
    }
    auto const mine = std::make_shared<Running>(executor_);
    running_.emplace(backup, mine);
    group_.spawn(check(backup, mine));
    while (!mine->has_ended) {
        if (!is_wanted()) co_return std::nullopt;
        co_await wait_a_moment(mine);
    }
    if (mine->bug) std::rethrow_exception(mine->bug);
    co_return mine->found;
}

}  // namespace sb::engine
