#include "daemon/engine/login_pause.hpp"

#include <algorithm>
#include <chrono>

namespace sb::engine {

void LoginPause::note_refused(Error const& error, SteadyTime now) {
    // An ended session may be refused in the same way: once, it is repeated soon.
    constexpr Milliseconds first_pause = std::chrono::seconds(5);
    constexpr Milliseconds second_pause = std::chrono::minutes(2);
    constexpr Milliseconds longest_pause = std::chrono::hours(4);
    refusal_ = error;
    if (pause_ == Milliseconds{0}) pause_ = first_pause;
    else pause_ = std::clamp(pause_ * 2, second_pause, longest_pause);
    ask_again_at_ = now + pause_;
}

std::optional<Error> LoginPause::refusal_by_clock(SteadyTime now) {
    if (!refusal_ || !ask_again_at_) return std::nullopt;
    if (now < *ask_again_at_) return refusal_;
    ask_again_at_ = now + pause_;  // one caller asks, not each
    return std::nullopt;
}

}  // namespace sb::engine
