#pragma once
// Programs that some tests need besides the compiler, the libraries, python3 and openssl. A test without its program is
// skipped by name ("needs restic"), never failed. Such unit tests have the label `tools` (sb_test in
// cmake/modules.cmake).

#include "tests/support/process.hpp"

#include <initializer_list>
#include <string>

namespace sb::test {

/// The first of these programs that is not installed; "" if all are.
inline std::string missing_tool(std::initializer_list<char const*> programs) {
    for (auto const* program : programs)
        if (!find_program(program)) return program;
    return "";
}

}  // namespace sb::test

/// Skips the test if one of the programs is not installed: SB_NEEDS_TOOLS("qemu-img", "restic").
#define SB_NEEDS_TOOLS(...)                                                           \
    if (auto const missing = sb::test::missing_tool({__VA_ARGS__}); !missing.empty()) \
    GTEST_SKIP() << "needs " << missing
