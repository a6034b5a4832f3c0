#pragma once
// The coroutine type under the daemon's own path; it is that of both programs.

#include "common/task.hpp"
