#pragma once
// Errors of the operating system as Error: what was tried, on what, and the system's own words.

#include "common/error.hpp"

#include <string>

namespace sb::platform {

/// `code` is an errno. "doing 'subject': No space left on device". A full disk or quota is `no_space`,
/// something that does not exist `not_found`, a missing permission `not_permitted`, all else `io`.
Error os_error(int code, std::string const& doing, std::string const& subject);

/// Whether this errno of flushing a folder means that its file system does not offer that. It is then up to the file
/// system when the names reach the disk; anything else is a failure.
bool is_unsupported(int code);

}  // namespace sb::platform
