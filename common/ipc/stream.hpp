#pragma once
// A connection between the two programs, whatever carries it: a Unix socket today, a named pipe on Windows.
// Nothing above this module knows which.

#include "common/error.hpp"
#include "common/ipc/open_file.hpp"
#include "common/task.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace sb::ipc {

/// One reader and one writer at a time; both may wait at once. Operations end with Errc::cancelled when they are
/// cancelled or the stream is closed, with Errc::unreachable when the peer is gone.
class Stream {
public:
    virtual ~Stream() = default;

    /// Reads at least one byte into `into`, which must live until then. 0 = the peer closed its sending side.
    virtual task<Result<std::size_t>> read_some(std::span<char> into) = 0;
    /// Writes all of it.
    virtual task<Result<void>> write_all(std::string bytes) = 0;
    /// Writes all of it, and gives the peer the right to read the file; it arrives no later than the last byte.
    virtual task<Result<void>> write_all_with(std::string bytes, std::shared_ptr<OpenFile> file);
    /// Whether the peer may hand over files; at first it may not, and what it sends is dropped.
    virtual void accept_files(bool) {}
    /// Removes and returns the last file that the peer handed over; nothing if none came. It may be anything.
    virtual std::shared_ptr<OpenFile> take_file() { return nullptr; }
    /// Whether the peer has closed both directions, so that no answer reaches it. Never waits.
    virtual bool is_peer_gone() { return false; }
    /// Ends both directions and every operation that waits on them. May be called at any time, more than once.
    virtual void close() noexcept = 0;
};

}  // namespace sb::ipc
