#pragma once
// The client's way to the daemon.

#include "common/ipc/stream.hpp"

#include <filesystem>
#include <memory>

namespace sb::ipc {

/// Connects to the daemon at `endpoint` on the caller's executor, or, where its control socket does not admit this
/// user, at the readers' socket beside it. An endpoint that is there but refuses is tried again for a moment, since the
/// daemon may be starting.
/// Errors: daemon_unreachable (with the path and how to start the daemon), not_permitted (with the groups that may),
/// invalid_params (a path that no socket can have).
task<Result<std::unique_ptr<Stream>>> connect(std::filesystem::path endpoint);

}  // namespace sb::ipc
