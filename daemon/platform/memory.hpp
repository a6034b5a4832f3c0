#pragma once

namespace sb::platform {

/// Asks the allocator to keep little: the daemon idles for most of its life, and its few threads need no heaps of
/// their own. Before the first thread. Best effort.
void keep_memory_small();

}  // namespace sb::platform
