#include "tests/support/failing_memory.hpp"

#include <cstdlib>
#include <new>

namespace sb::test {
namespace {

thread_local std::size_t until_failure = 0;  ///< 0 = none fails
thread_local bool failed = false;

bool fails_now() {
    if (until_failure == 0 || --until_failure > 0) return false;
    failed = true;
    return true;
}

}  // namespace

FailingAllocation::FailingAllocation(std::size_t nth) {
    failed = false;
    until_failure = nth;
}
FailingAllocation::~FailingAllocation() { until_failure = 0; }
bool FailingAllocation::has_failed() { return failed; }

}  // namespace sb::test

void* operator new(std::size_t size) {
    if (sb::test::fails_now()) throw std::bad_alloc();
    if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

/// Asio's operations and coroutine frames.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    void* memory = nullptr;
    if (sb::test::fails_now() || ::posix_memalign(&memory, alignment, size) != 0) return nullptr;
    return memory;
}
