#pragma once
// This process and the machine it runs on: facts, and what the daemon asks of the system for itself. Every request is
// best effort: a refusal is not a reason to stop.

#include <cstdint>
#include <string>

namespace sb::platform {

/// This process's id, for people.
int process_id();
/// The id of the user whose rights this process has.
std::uint32_t user_id();
/// This machine's name, for people.
std::string host_name();
/// Differs after each boot of the machine; empty if the system does not report one.
std::string boot_id();

/// Raises the soft limit of open files to the hard one.
void raise_file_limit();
/// A core dump would hold the passwords. Neither a file nor a program that the system pipes dumps to gets one; other
/// processes of the same user cannot inspect this one either, where the system can forbid it.
void no_core_dumps();
/// Asks the system to keep debuggers and dump programs of the same user out of this process. Part of no_core_dumps().
void disable_debugging();
/// Asks the allocator to keep little: the daemon is idle for most of its life, and its few threads do not need their
/// own heaps. Call it before the first thread starts.
void keep_memory_small();
/// The calling thread, and those it starts, use only processor and disk time that others leave. Does nothing where the
/// system cannot do that for a single thread.
void use_idle_priority();

}  // namespace sb::platform
