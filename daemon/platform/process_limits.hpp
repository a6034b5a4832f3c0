#pragma once
// Limits that the daemon sets for itself at its start. Both are best effort: a refusal is no reason to stop.

namespace sb::platform {

/// Raises the soft limit of open files to the hard one.
void raise_file_limit();
/// A core dump would hold the passwords. Neither a file nor a program that the system hands dumps to gets one; other
/// processes of the same user cannot look into this one either, where the system can forbid it.
void no_core_dumps();

}  // namespace sb::platform
