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

/// Opens those of the descriptors 0, 1 and 2 that are closed on /dev/null: the next file that is opened would get their
/// number, and what the daemon prints would be written into it. Call it before anything is opened.
void open_standard_descriptors();
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
/// The most memory that the daemon's own work may take beyond what it has at its start. What it reads, others have
/// written: if a limit of ours is missing, the daemon fails, and not the machine.
inline constexpr std::uint64_t memory_limit_bytes = std::uint64_t{1536} << 20;
/// Limits the memory of this process to so much more than it has now, where the system can limit what is allocated
/// (the stacks of threads count). Only the soft limit: the programs that it starts get theirs back.
void limit_memory(std::uint64_t more_bytes);
/// The calling thread, and those it starts, use only processor and disk time that others leave. Does nothing where the
/// system cannot do that for a single thread.
void use_idle_priority();

}  // namespace sb::platform
