#include "daemon/platform/process.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sb::test {
namespace {

/// In a child, because the limit cannot be raised again.
int in_a_child(int (*look)()) {
    auto const child = ::fork();
    if (child == 0) ::_exit(look());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ProcessLimits, NoCoreFileIsWritten) {
    EXPECT_EQ(in_a_child([] {
                  platform::no_core_dumps();
                  rlimit core{};
                  ::getrlimit(RLIMIT_CORE, &core);
                  return core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 1;
              }),
              0);
}

TEST(ProcessLimits, OpenFilesGoToTheHardLimit) {
    platform::raise_file_limit();
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    EXPECT_EQ(files.rlim_cur, files.rlim_max);
}

}  // namespace
}  // namespace sb::test
