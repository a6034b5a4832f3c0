#pragma once
// What one user may ask of the daemon: calls a second, long calls at the same time, answers that it has not read. Pure:
// the time is passed in. Users who may change something are trusted not to flood; for them only the bounds on memory
// and on long calls count.

#include "common/error.hpp"
#include "daemon/control/rank.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace sb::control {

class CallLimits {
public:
    using Time = std::chrono::steady_clock::time_point;
    using User = std::optional<std::uint32_t>;  ///< its uid; all whom the system does not name are one

    struct Terms {
        double calls = 1000;  ///< that a reader may make in a row; 16 KiB of an answer count as a call, too
        double calls_per_second = 200;
        double heavy_costs = 20;                               ///< a long call counts as so many
        std::size_t heavy_of_reader = 4, heavy_of_admin = 16;  ///< long calls at the same time
        std::size_t unread_of_reader = 8UL * 1024 * 1024, unread_of_admin = 16UL * 1024 * 1024;  ///< bytes
    };

    CallLimits() = default;
    explicit CallLimits(Terms terms) : terms_(terms) {}

    /// Before a line is read: `refused`, with what to do, if its user has used up its calls or does not read answers.
    Result<void> admit_line(User user, Rank rank, std::size_t bytes, Time now);
    /// Before a call: `refused`, if its user does not read answers.
    Result<void> check_unread(User user, Rank rank) const;
    /// The calls of a line that is a batch, besides the first one.
    void charge_calls(User user, Rank rank, std::size_t calls, Time now);
    /// After a call: what it cost besides the line.
    void charge(User user, Rank rank, std::size_t answer_bytes, Time now);

    /// Before a long call: `refused` if its user has too many already. If it succeeds, end_heavy() follows.
    Result<void> begin_heavy(User user, Rank rank, Time now);
    void end_heavy(User user);

    /// Answers that wait to be read by their clients.
    void hold(User user, std::size_t bytes) { users_[user].unread += bytes; }
    void release(User user, std::size_t bytes);

    std::size_t known_users() const { return users_.size(); }

private:
    struct Account {
        double used = 0;  ///< calls, as of `at`; they become less with time
        Time at{};
        std::size_t heavy = 0;
        std::size_t unread = 0;
    };
    Account& account_of(User user, Time now);
    void forget_idle(Time now);

    Terms terms_{};
    std::map<User, Account> users_;
};

}  // namespace sb::control
