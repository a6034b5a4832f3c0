#pragma once
// A want of memory at a chosen moment. The program that links this has its own operator new.

#include <cstddef>

namespace sb::test {

/// While it lives, the n-th allocation of this thread fails, and only that one.
class FailingAllocation {
public:
    explicit FailingAllocation(std::size_t nth);
    FailingAllocation(FailingAllocation const&) = delete;
    FailingAllocation& operator=(FailingAllocation const&) = delete;
    ~FailingAllocation();

    static bool has_failed();
};

}  // namespace sb::test
