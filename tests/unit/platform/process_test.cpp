#include "daemon/platform/process.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
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

/// The lock's file got descriptor 2 and the log was written into it.
TEST(StandardDescriptors, ThoseThatAreClosedAreOpenedOnNothing) {
    EXPECT_EQ(in_a_child([] {
                  ::close(STDIN_FILENO);
                  ::close(STDERR_FILENO);
                  platform::open_standard_descriptors();
                  struct stat null {
                  }, in{}, err{};
                  bool const known = ::stat("/dev/null", &null) == 0 && ::fstat(STDIN_FILENO, &in) == 0 &&
                                     ::fstat(STDERR_FILENO, &err) == 0;
                  bool const writes = ::write(STDERR_FILENO, "x", 1) > 0;
                  return !writes && known && in.st_rdev == null.st_rdev && err.st_rdev == null.st_rdev ? 0 : 1;
              }),
              0);
}

TEST(StandardDescriptors, ThoseThatAreOpenStay) {
    EXPECT_EQ(in_a_child([] {
                  struct stat before {
                  }, after{};
                  ::fstat(STDOUT_FILENO, &before);
                  int const free_before = ::dup(STDOUT_FILENO);
                  ::close(free_before);
                  platform::open_standard_descriptors();
                  int const free_after = ::dup(STDOUT_FILENO);
                  ::fstat(STDOUT_FILENO, &after);
                  return before.st_ino == after.st_ino && free_before == free_after ? 0 : 1;
              }),
              0);
}

}  // namespace
}  // namespace sb::test
