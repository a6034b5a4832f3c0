#include "daemon/platform/boot.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace sb::platform {
namespace {

TEST(Boot, HasOneIdWhileTheMachineRuns) {
    auto const id = boot_id();
    EXPECT_EQ(id.size(), 36u) << id;
    EXPECT_EQ(id.find('\n'), std::string::npos);
    EXPECT_EQ(boot_id(), id);
}

TEST(Boot, WhatLiesHereIsNotOnAnotherMachine) {
    test::TempDir here;
    EXPECT_FALSE(is_on_another_machine(here.path()));
    EXPECT_FALSE(is_on_another_machine(here.path() / "nothing there"));
}

}  // namespace
}  // namespace sb::platform
