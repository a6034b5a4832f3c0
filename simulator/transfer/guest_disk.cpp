#include "simulator/transfer/guest_disk.hpp"

#include "simulator/transfer/raw_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

namespace sb::sim {
namespace {

constexpr std::uint64_t block = 4096;  // allocation unit of a guest's file system
constexpr int run_doublings = 10;      // runs from 4 KiB to 4 MiB, all lengths equally frequent
constexpr std::uint64_t longest_run = block << run_doublings;

std::uint64_t splitmix(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

/// xoshiro256**: fast, and the same on every platform (std::distributions are not).
class Random {
public:
    explicit Random(std::uint64_t seed) {
        for (auto& word : state_) word = splitmix(seed);
    }

    std::uint64_t next() {
        std::uint64_t const result = std::rotl(state_[1] * 5, 7) * 9;
        std::uint64_t const shifted = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

    void fill(std::span<std::byte> bytes) {
        while (bytes.size() >= 8) {
            std::uint64_t const word = next();
            std::memcpy(bytes.data(), &word, 8);
            bytes = bytes.subspan(8);
        }
        for (auto& one : bytes) one = static_cast<std::byte>(next() & 0xffU);
    }

private:
    std::array<std::uint64_t, 4> state_{};
};

std::uint64_t run_length(Random& random) {
    std::uint64_t const base = block << random.below(run_doublings);
    return base + random.below(base / block) * block;
}

/// Writes one run. Every eighth run is repetitive, like logs and tables, so that compression has an effect.
Result<void> write_run(RawFile& disk, std::uint64_t offset, std::uint64_t length, Random& random,
                       std::vector<std::byte>& buffer) {
    auto const run = std::span(buffer).first(static_cast<std::size_t>(length));
    if (random.below(8) == 0) {
        auto const pattern = run.first(std::min<std::size_t>(512, run.size()));
        random.fill(pattern);
        for (std::size_t at = pattern.size(); at < run.size(); at += pattern.size())
            std::memcpy(run.data() + at, pattern.data(), std::min(pattern.size(), run.size() - at));
    } else {
        random.fill(run);
    }
    return disk.write(offset, run);
}

}  // namespace

Result<std::uint64_t> make_guest_disk(std::string const& path, GuestDiskShape const& shape) {
    auto disk = RawFile::create(path, shape.capacity);
    if (!disk) return disk.error();
    double const fill = std::clamp(shape.fill, 0.0, 1.0);
    Random random(shape.seed);
    std::vector<std::byte> buffer(std::min(longest_run, shape.capacity));
    std::uint64_t written = 0;
    std::uint64_t at = 0;
    while (fill > 0 && at < shape.capacity) {
        // The last run is limited to the missing bytes, so that the fill is exact on small disks too.
        auto const wanted = static_cast<std::uint64_t>(std::llround(fill * static_cast<double>(shape.capacity)));
        if (written >= wanted) break;
        std::uint64_t const length = std::min({run_length(random), shape.capacity - at, wanted - written});
        if (auto done = write_run(*disk, at, length, random, buffer); !done) return done.error();
        written += length;
        at += length;
        if (fill >= 1.0) continue;
        // Guests write in clusters: mostly short gaps, now and then a long one that compensates.
        double const due = std::max(0.0, static_cast<double>(written) / fill - static_cast<double>(at));
        double const short_gap = static_cast<double>(block << random.below(5));
        double const gap = random.below(16) == 0 ? due * (0.5 + random.unit()) : std::min(due, short_gap);
        at += static_cast<std::uint64_t>(gap) / block * block;
        std::uint64_t const left = wanted - std::min(wanted, written);
        if (at + left > shape.capacity) at = (shape.capacity - left) / block * block;
    }
    return written;
}

Result<std::uint64_t> mutate_guest_disk(std::string const& path, double share, std::uint64_t seed) {
    auto disk = RawFile::open_for_change(path);
    if (!disk) return disk.error();
    auto const capacity = disk->size();
    if (!capacity) return capacity.error();
    Random random(seed ^ 0x6d75746174650000U);
    std::vector<std::byte> buffer(std::min(longest_run, *capacity));
    auto const wanted = static_cast<std::uint64_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(*capacity));
    std::uint64_t written = 0;
    while (*capacity > 0 && (written == 0 || written < wanted)) {
        std::uint64_t at = random.below(*capacity) / block * block;
        if (random.below(4) != 0) {
            auto const data = disk->next_data(at);
            if (!data) return data.error();
            if (data->has_value()) at = (*data)->begin / block * block;
        }
        std::uint64_t const length =
            std::min({run_length(random), *capacity - at, std::max(block, wanted - std::min(wanted, written))});
        if (auto done = write_run(*disk, at, length, random, buffer); !done) return done.error();
        written += length;
    }
    return written;
}

}  // namespace sb::sim
