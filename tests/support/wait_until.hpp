#pragma once
// Waiting for a condition, bounded by a deadline: the only way in which tests wait for other processes.

#include <chrono>
#include <functional>

namespace sb::test {

/// Generous, because a busy machine is not a failure: a test that passes never waits this long.
inline constexpr std::chrono::seconds patience{30};

/// Polls every few milliseconds until the condition holds. False if it never did.
bool wait_until(std::function<bool()> const& condition, std::chrono::milliseconds limit = patience);

}  // namespace sb::test
