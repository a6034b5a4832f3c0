#include "daemon/verify/samples.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <vector>

namespace sb::verify {
namespace {

class Samples {
public:
    explicit Samples(platform::RandomAccess const& file) : file_(file) {}

    Result<void> read_all() {
        for (std::uint64_t at = 0; at < file_.size(); at += sample_bytes)
            if (auto const done = read_at(at); !done) return done;
        return {};
    }

    /// The sample ends with the file at the latest.
    Result<void> read_at(std::uint64_t offset) {
        auto const length = std::min(sample_bytes, file_.size() - offset);
        buffer_.resize(static_cast<std::size_t>(length));
        auto const done = file_.read(offset, buffer_);
        file_.drop_from_cache(offset, length);
        return done;
    }

    /// At this offset, or if it is in a hole, somewhere in the data after it: holes take no place on a disk.
    Result<void> read_data_near(std::uint64_t offset, RandomBelow const& random) {
        auto data = file_.next_data(offset);
        if (data && data->begin >= file_.size()) data = file_.next_data(0);
        if (!data) return data.error();
        if (data->begin >= file_.size() || data->begin >= data->end) return {};
        bool const is_inside = data->begin <= offset && offset < data->end;
        return read_at(is_inside ? offset : data->begin + random(data->end - data->begin));
    }

private:
    platform::RandomAccess const& file_;
    std::vector<std::byte> buffer_;
};

}  // namespace

std::uint64_t random_below(std::uint64_t limit) {
    static thread_local std::mt19937_64 random{std::random_device{}()};
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random);
}

Result<void> read_samples(platform::RandomAccess const& file, RandomBelow const& random) {
    Samples samples(file);
    auto const size = file.size();
    if (size <= sample_bytes * (random_samples + 2)) return samples.read_all();
    if (auto const done = samples.read_at(0); !done) return done;
    if (auto const done = samples.read_at(size - sample_bytes); !done) return done;
    for (int i = 0; i < random_samples; ++i)
        if (auto const done = samples.read_data_near(random(size), random); !done) return done;
    return {};
}

}  // namespace sb::verify
