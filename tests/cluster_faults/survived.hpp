#pragma once
// Counts what was survived, for the line that docs/reliability.md quotes:
//   faults x phases survived: 215 of 215 (57 faults)

#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

namespace sb::test {

class Survived : public ::testing::Environment {
public:
    /// To be called at the end of a test with the number of phases that it went through.
    static void count(std::string const& fault, std::size_t phases) {
        auto& self = instance();
        std::lock_guard const alone(self.mutex_);
        ++self.faults_;
        self.tried_ += phases;
        if (!::testing::Test::HasFailure()) self.survived_ += phases;
        else std::printf("not survived: %s\n", fault.c_str());
    }
    void TearDown() override {
        if (faults_ > 0) std::printf("faults x phases survived: %zu of %zu (%zu faults)\n", survived_, tried_, faults_);
    }

private:
    static Survived& instance() {
        // The framework owns it.
        static auto* const self = static_cast<Survived*>(::testing::AddGlobalTestEnvironment(new Survived));
        return *self;
    }
    std::mutex mutex_;
    std::size_t faults_ = 0, tried_ = 0, survived_ = 0;
};

}  // namespace sb::test
