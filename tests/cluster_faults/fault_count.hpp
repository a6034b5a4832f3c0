#pragma once
// Counts the handled faults, for the line that docs/reliability.md quotes:
//   faults x phases passed: 215 of 215 (57 faults)

#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

namespace sb::test {

class FaultCount : public ::testing::Environment {
public:
    /// Call at the end of a test with the number of its phases.
    static void count(std::string const& fault, std::size_t phases) {
        auto& self = instance();
        std::lock_guard const alone(self.mutex_);
        ++self.faults_;
        self.tried_ += phases;
        if (!::testing::Test::HasFailure()) self.passed_ += phases;
        else std::printf("not passed: %s\n", fault.c_str());
    }
    void TearDown() override {
        if (faults_ > 0) std::printf("faults x phases passed: %zu of %zu (%zu faults)\n", passed_, tried_, faults_);
    }

private:
    static FaultCount& instance() {
        // Owned by the framework.
        static auto* const self = static_cast<FaultCount*>(::testing::AddGlobalTestEnvironment(new FaultCount));
        return *self;
    }
    std::mutex mutex_;
    std::size_t faults_ = 0, tried_ = 0, passed_ = 0;
};

}  // namespace sb::test
