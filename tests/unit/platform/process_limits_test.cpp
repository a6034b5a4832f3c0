#include "daemon/platform/process_limits.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sb::test {
namespace {

/// In a child, because the limit cannot be taken back.
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

}  // namespace
}  // namespace sb::test
