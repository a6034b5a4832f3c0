#pragma once
// System calls on open files with their errors as values. Only this module's POSIX files include it.

#include "common/error.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sb::ctl {

/// "doing 'subject': No space left on device"; `code` is an errno.
Error failure(int code, std::string const& doing, std::string const& subject);

/// Closes on exec, never becomes a terminal; repeated after EINTR. A descriptor, or -1 and errno.
int open_at(int folder, char const* name, int flags, mode_t mode = 0);
/// What O_NOFOLLOW returns for a link differs between systems.
bool is_link_refused(int code);

Result<struct stat> inspected(int fd, std::string const& path);
bool is_same_file(struct stat const& one, struct stat const& other);

/// `io` for an offset that the system does not have.
Result<off_t> position(std::uint64_t offset, std::string const& path);
/// Reads until `into` is full or the file ends; returns the count.
Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<std::byte> into, std::string const& path);

}  // namespace sb::ctl
