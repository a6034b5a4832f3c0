#pragma once
// A file that remembers, as one digest, what was read of it. A check that reads the same places for the same bytes
// has the same digest as long as none of them changes: what stood in an image's tables is known without keeping them.

#include "daemon/platform/random_access.hpp"
#include "daemon/verify/sha256.hpp"

#include <utility>

namespace sb::verify {

class HashedReads : public platform::RandomAccess {
public:
    explicit HashedReads(platform::RandomAccess const& file) : file_(file) {}

    std::uint64_t size() const override { return file_.size(); }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        auto done = file_.read(offset, into);
        if (done) hash_.update(into);
        return done;
    }

    /// Of all bytes that were read so far, in the order of reading.
    Digest digest() const { return hash_.so_far(); }

private:
    platform::RandomAccess const& file_;
    mutable Sha256 hash_;  ///< reading changes nothing that a reader can see
};

}  // namespace sb::verify
