#include "ctl/throughput.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr std::chrono::seconds memory{15};
constexpr std::chrono::milliseconds shortest{500};  ///< below that a rate is noise

}  // namespace

void Throughput::observe(SteadyTime now, std::uint64_t done) {
    if (!samples_.empty() && done < samples_.back().done) samples_.clear();
    samples_.push_back({now, done});
    // One sample older than the memory stays: the pace is measured from it.
    while (samples_.size() > 2 && now - samples_[1].at >= memory) samples_.pop_front();
}

Forecast Throughput::forecast(SteadyTime now, std::uint64_t total) const {
    Forecast forecast;
    if (samples_.size() < 2 || now - samples_.front().at < shortest) return forecast;
    auto const seconds = std::chrono::duration<double>(now - samples_.front().at).count();
    auto const moved = samples_.back().done - samples_.front().done;
    auto const rate = static_cast<double>(moved) / seconds;
    forecast.bytes_per_second = static_cast<std::uint64_t>(rate);
    if (rate < 1 || samples_.back().done > total) return forecast;
    auto const left = static_cast<double>(total - samples_.back().done) / rate;
    constexpr double too_far = 1e9;
    if (left < too_far) forecast.left = std::chrono::seconds(static_cast<std::int64_t>(left + 0.5));
    return forecast;
}

}  // namespace sb::ctl
