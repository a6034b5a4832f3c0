#pragma once
// Limits that the daemon sets for itself at its start. Both are best effort: a refusal is no reason to stop.

namespace sb::platform {

/// Raises the soft limit of open files to the hard one.
void raise_file_limit();
/// A core dump would hold the passwords.
void no_core_dumps();

}  // namespace sb::platform
