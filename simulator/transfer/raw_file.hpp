#pragma once
// A sparse local file, accessed by offset: the simulated cluster's guest disks. Knows its holes.

#include "common/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace sb::sim {

/// Bytes from `begin` to `end`, exclusive.
struct Extent {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Whether every byte is zero.
bool all_zero(std::span<std::byte const> bytes);

class RawFile {
public:
    static Result<RawFile> open_for_reading(std::string const& path);
    static Result<RawFile> open_for_change(std::string const& path);
    /// Creates or truncates the file; it reads as `size` zeros and takes no space yet.
    static Result<RawFile> create(std::string const& path, std::uint64_t size);

    RawFile(RawFile&& other) noexcept;
    RawFile& operator=(RawFile&& other) noexcept;
    ~RawFile();

    Result<std::uint64_t> size() const;
    /// Fills the whole span; bytes past the end of the file read as zeros.
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const;
    Result<void> write(std::uint64_t offset, std::span<std::byte const> bytes);
    /// The first run of data at or after `offset`; nothing if only a hole follows. A file system without holes shows
    /// one run up to the end.
    Result<std::optional<Extent>> next_data(std::uint64_t offset) const;

private:
    RawFile(int fd, std::string path);
    static Result<RawFile> open(std::string const& path, int flags);
    Error failed(char const* what) const;

    int fd_ = -1;
    std::string path_;
};

}  // namespace sb::sim
