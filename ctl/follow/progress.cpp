#include "ctl/follow/progress.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr Milliseconds percent_window = std::chrono::seconds{60};
constexpr std::chrono::seconds transfer_window{15};
constexpr std::chrono::milliseconds shortest_measurement{500};  ///< below that a rate is noise

double seconds_between(SteadyTime from, SteadyTime to) { return std::chrono::duration<double>(to - from).count(); }

}  // namespace

void ProgressMeter::observe(SteadyTime now, int percent) {
    percent = std::clamp(percent, 0, 100);
    if (!samples_.empty() && percent < samples_.back().percent) samples_.clear();
    if (samples_.empty() || percent > samples_.back().percent) samples_.push_back({now, percent});
    // Two samples always stay: a slow export may take more than the window for one percent.
    while (samples_.size() > 2 && now - samples_.front().at > percent_window) samples_.pop_front();
    if (samples_.size() > 2 && samples_.front().percent == 0) samples_.pop_front();
}

std::optional<double> ProgressMeter::percent_per_second(SteadyTime now) const {
    if (samples_.size() < 2) return std::nullopt;
    auto const& first = samples_.front();
    auto const& last = samples_.back();
    double const measured = seconds_between(first.at, last.at);
    if (measured <= 0) return std::nullopt;
    double const gained = last.percent - first.percent;
    double const one_step = measured / static_cast<double>(samples_.size() - 1);
    // Silence for longer than two usual steps means that it got slower.
    double const silence = std::max(0.0, seconds_between(last.at, now) - 2 * one_step);
    return gained / (measured + silence);
}

Forecast ProgressMeter::forecast(SteadyTime now, std::uint64_t expected_bytes) const {
    Forecast forecast;
    auto const rate = percent_per_second(now);
    if (!rate || *rate <= 0) return forecast;
    if (expected_bytes > 0) {
        auto const bytes = static_cast<double>(expected_bytes) / 100 * *rate;
        forecast.bytes_per_second = static_cast<std::uint64_t>(bytes);
    }
    auto const& last = samples_.back();
    double const left = (100 - last.percent) / *rate - seconds_between(last.at, now);
    // Beyond a month it is no forecast.
    constexpr double month = 30.0 * 86400;
    if (left < month) forecast.left = std::chrono::seconds{static_cast<long long>(std::max(0.0, left))};
    return forecast;
}

void Throughput::observe(SteadyTime now, std::uint64_t done) {
    if (!samples_.empty() && done < samples_.back().done) samples_.clear();
    samples_.push_back({now, done});
    // One sample older than the window stays: the rate is measured from it.
    while (samples_.size() > 2 && now - samples_[1].at >= transfer_window) samples_.pop_front();
}

Forecast Throughput::forecast(SteadyTime now, std::uint64_t total) const {
    Forecast forecast;
    if (samples_.size() < 2 || now - samples_.front().at < shortest_measurement) return forecast;
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
