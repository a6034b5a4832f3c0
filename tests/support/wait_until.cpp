#include "tests/support/wait_until.hpp"

#include "tests/support/sanitized.hpp"

#include <poll.h>

namespace sb::test {

bool wait_until(std::function<bool()> const& condition, std::chrono::milliseconds limit) {
    int const slower = sanitized ? 4 : 1;
    auto const deadline = std::chrono::steady_clock::now() + slower * limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

}  // namespace sb::test
