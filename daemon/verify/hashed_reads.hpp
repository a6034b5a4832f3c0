#pragma once
// A file that keeps one digest of all bytes read from it. A check that reads the same ranges has the same digest as
// long as none of these bytes changes: a change in an image's tables is found without a copy of them.

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

    /// The digest of all bytes read so far, in reading order.
    Digest digest() const { return hash_.so_far(); }

private:
    platform::RandomAccess const& file_;
    mutable Sha256 hash_;  ///< reading does not change the visible state
};

}  // namespace sb::verify
