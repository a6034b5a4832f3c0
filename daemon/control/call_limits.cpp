#include "daemon/control/call_limits.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace sb::control {
namespace {

constexpr double bytes_of_a_call = 16 * 1024;
constexpr std::size_t many_users = 1000;

}  // namespace

CallLimits::Account& CallLimits::account_of(User user, Time now) {
    if (users_.size() >= many_users && !users_.contains(user)) forget_idle(now);
    auto& account = users_[user];
    std::chrono::duration<double> const passed = now - account.at;
    if (account.at != Time()) account.used -= std::min(account.used, passed.count() * terms_.calls_per_second);
    account.at = now;
    return account;
}

void CallLimits::forget_idle(Time now) {
    std::erase_if(users_, [&](auto const& entry) {
        auto const& account = entry.second;
        std::chrono::duration<double> const passed = now - account.at;
        return account.heavy == 0 && account.unread == 0 && account.used <= passed.count() * terms_.calls_per_second;
    });
}

Result<void> CallLimits::check_unread(User user, Rank rank) const {
    auto const most = rank == Rank::reader ? terms_.unread_of_reader : terms_.unread_of_admin;
    auto const found = users_.find(user);
    if (found == users_.end() || found->second.unread <= most) return {};
    return Error{Errc::refused, "the answers that this user has not read are too large; read them first"};
}

Result<void> CallLimits::admit_line(User user, Rank rank, std::size_t bytes, Time now) {
    auto& account = account_of(user, now);
    if (auto const reads = check_unread(user, rank); !reads) return reads;
    if (rank != Rank::reader) return {};
    if (account.used >= terms_.calls) {
        auto const wait = std::max(1.0, std::ceil((account.used - terms_.calls) / terms_.calls_per_second));
        return Error{Errc::refused, "too many calls by this user; try again in " +
                                        std::to_string(static_cast<std::uint64_t>(wait)) + " s"};
    }
    account.used += 1 + static_cast<double>(bytes) / bytes_of_a_call;
    return {};
}

void CallLimits::charge_calls(User user, Rank rank, std::size_t calls, Time now) {
    if (rank == Rank::reader) account_of(user, now).used += static_cast<double>(calls);
}

void CallLimits::charge(User user, Rank rank, std::size_t answer_bytes, Time now) {
    if (rank == Rank::reader) account_of(user, now).used += static_cast<double>(answer_bytes) / bytes_of_a_call;
}

Result<void> CallLimits::begin_heavy(User user, Rank rank, Time now) {
    auto const most = rank == Rank::reader ? terms_.heavy_of_reader : terms_.heavy_of_admin;
    auto& account = account_of(user, now);
    if (account.heavy >= most)
        return Error{Errc::refused, "this user has " + std::to_string(account.heavy) +
                                        " long calls in progress; wait until one has ended"};
    ++account.heavy;
    if (rank == Rank::reader) account.used += terms_.heavy_costs;
    return {};
}

void CallLimits::end_heavy(User user) {
    if (auto const found = users_.find(user); found != users_.end() && found->second.heavy > 0) --found->second.heavy;
}

void CallLimits::release(User user, std::size_t bytes) {
    if (auto const found = users_.find(user); found != users_.end())
        found->second.unread -= std::min(found->second.unread, bytes);
}

}  // namespace sb::control
