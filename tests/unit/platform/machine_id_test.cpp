#include "daemon/platform/machine_id.hpp"

#include <gtest/gtest.h>

namespace sb::test {
namespace {

TEST(MachineId, PlaceholdersAreNone) {
    for (auto const* text : {"", "\n", "uninitialized\n", "00000000-0000-0000-0000-000000000000", "no id"})
        EXPECT_EQ(platform::usable_machine_id(text), "") << text;
    EXPECT_EQ(platform::usable_machine_id("4C4C4544-0051-3110-8052-b6c04f4e3132\n"),
              "4c4c4544-0051-3110-8052-b6c04f4e3132");
    EXPECT_EQ(platform::usable_machine_id("0123456789abcdef0123456789abcdef\n"), "0123456789abcdef0123456789abcdef");
}

TEST(MachineId, StaysTheSame) { EXPECT_EQ(platform::machine_id(), platform::machine_id()); }

}  // namespace
}  // namespace sb::test
