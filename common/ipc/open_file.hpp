#pragma once
// A regular file that one program has opened and another one reads: the first gives the right to read, which the second
// may lack. The Stream transfers it (Unix: a descriptor beside the bytes; Windows: a duplicated
// handle).

#include "common/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace sb::ipc {

class OpenFile {
public:
    struct Native;  ///< of this module's own files

    /// Opens with the rights of this process. Errors: not_found, not_permitted, refused (a folder, a device, a pipe,
    /// an empty file), io.
    static Result<std::shared_ptr<OpenFile>> open(std::filesystem::path const& path);

    explicit OpenFile(std::unique_ptr<Native> native);
    OpenFile(OpenFile const&) = delete;
    OpenFile& operator=(OpenFile const&) = delete;
    ~OpenFile();  ///< closes; what was received, on a side thread

    /// Its size when it was opened or received; `refused` unless it is a regular file with something in it. What
    /// another process handed over can be anything, so ask before reading. Does not block.
    Result<std::uint64_t> size_at_first() const;
    /// Its size now, with the same errors. Blocks, on a file system that hangs without limit.
    Result<std::uint64_t> size() const;
    /// Bytes from `offset` on, independent of other readers; 0 = the file ends there. Blocks.
    Result<std::size_t> read_at(std::span<char> into, std::uint64_t offset) const;

    Native const& native() const { return *native_; }

private:
    std::unique_ptr<Native> native_;
};

}  // namespace sb::ipc
