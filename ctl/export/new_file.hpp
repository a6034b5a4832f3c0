#pragma once
// A file that is being written under a partial name and gets its final name when it is complete. The port of the
// export's output: DiskFolder makes it on a disk.

#include "common/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sb::ctl {

class NewFile {
public:
    NewFile() = default;
    NewFile(NewFile const&) = delete;
    NewFile& operator=(NewFile const&) = delete;
    virtual ~NewFile() = default;  ///< removes the file unless it was published

    virtual Result<void> write(std::uint64_t offset, std::span<std::byte const> bytes) = 0;
    /// What lies behind the end, or was never written, reads as zeros.
    virtual Result<void> read(std::uint64_t offset, std::span<std::byte> into) const = 0;
    /// The first place at or after `offset` that may contain anything but zeros: bytes before it are a hole. `offset`
    /// itself where holes are not reported; the end of the file, or `offset` behind it, if there is nothing more.
    virtual Result<std::uint64_t> next_data(std::uint64_t offset) const = 0;
    /// What is new reads as zeros and takes no space where the file system has holes.
    virtual Result<void> resize(std::uint64_t bytes) = 0;
    /// Flushes what was written to disk, so that only what came since waits in memory.
    virtual Result<void> flush() = 0;
    /// Gives the file to the owner and the group of its folder, as far as this process may, and sets its permissions.
    /// Returns a warning: what could not be set; "" if all is.
    virtual Result<std::string> share(unsigned permissions) = 0;
    /// Flushes, and gives the file its name: `name_in_use` if that is taken. Nothing is replaced.
    virtual Result<void> publish() = 0;
};

}  // namespace sb::ctl
