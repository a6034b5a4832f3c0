#pragma once
// Bytes as a file, followed by zeros as in a sparse file. Counts the bytes read, so that a target can bound them.

#include "daemon/platform/random_access.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace sb::fuzz {

class MemoryFile : public platform::RandomAccess {
public:
    explicit MemoryFile(std::string_view bytes, std::uint64_t zeros_behind = 0)
        : bytes_(bytes), size_(bytes.size() + zeros_behind) {}

    std::uint64_t size() const override { return size_; }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset > size_ || into.size() > size_ - offset) return Error{Errc::io, "read outside the file"};
        read_ += into.size();
        auto const there = offset < bytes_.size()
                               ? std::min<std::size_t>(into.size(), bytes_.size() - static_cast<std::size_t>(offset))
                               : 0;
        if (there > 0) std::memcpy(into.data(), bytes_.data() + offset, there);
        std::ranges::fill(into.subspan(there), std::byte{0});
        return {};
    }
    std::uint64_t bytes_read() const { return read_; }

private:
    std::string_view bytes_;
    std::uint64_t size_;
    mutable std::uint64_t read_ = 0;
};

}  // namespace sb::fuzz
