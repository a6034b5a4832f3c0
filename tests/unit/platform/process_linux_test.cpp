#include "daemon/platform/process.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sb::test {
namespace {

TEST(ProcessLimits, NoDumpIsPipedToAProgram) {
    auto const child = ::fork();  // the flag stays set for the rest of the process's life
    if (child == 0) {
        platform::no_core_dumps();
        ::_exit(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

/// What others have written must not make the daemon take the machine's memory.
TEST(ProcessLimits, MemoryBeyondTheLimitIsNotGiven) {
    auto const child = ::fork();
    if (child == 0) {
        constexpr std::size_t mebibyte = std::size_t{1} << 20;
        auto const gets = [](std::size_t bytes) {
            auto* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            bool const given = memory != MAP_FAILED;
            if (given) ::munmap(memory, bytes);
            return given;
        };
        platform::limit_memory(64 * mebibyte);
        ::_exit(gets(32 * mebibyte) && !gets(128 * mebibyte) ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(BootId, StaysWhileTheMachineRuns) {
    auto const id = platform::boot_id();
    EXPECT_EQ(id.size(), 36u) << id;
    EXPECT_EQ(id.find('\n'), std::string::npos);
    EXPECT_EQ(platform::boot_id(), id);
}

}  // namespace
}  // namespace sb::test
