#pragma once
// Replaces a folder while the daemon works on it.

namespace sb::sweep {

/// Moves `out` to `to`, and puts a link to `in`, or the folder `in` itself, in its place. The name at the end of `out`
/// may end in '*': the first entry that begins so; nothing is done if there is none. Only system calls, which nothing
/// counts.
void swap_folder(char const* out, char const* to, char const* in, bool with_folder);

}  // namespace sb::sweep
