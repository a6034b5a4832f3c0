#include "daemon/core/poll_interval.hpp"

#include <algorithm>

namespace sb::core {
namespace {

using std::chrono::milliseconds;
using Real = std::chrono::duration<double, std::milli>;
using namespace std::chrono_literals;

// Requests cost the cluster something and bring little while the end is far away.
constexpr auto far_gap_min = 1s;
constexpr auto far_gap_max = 60s;  // finished tags expire after an unknown time: poll at least once a minute
constexpr auto trusted_gap = 4s;
constexpr auto first_poll = 500ms;
constexpr auto unknown_gap_max = 5s;
constexpr auto stalled_gap_max = 15s;
constexpr auto answer_delay = 15ms;  // the cluster's clock ticks, then the answer takes time

milliseconds rounded(Real length) { return std::chrono::ceil<milliseconds>(length); }

/// An observation of the task. A percentage p means a fraction of [p, p+1) / 100, so the slowest pace that fits runs
/// from the top of the earlier observation to the bottom of the later one, and the fastest pace the other way round.
struct Observation {
    SteadyTime at;
    double low, high;
};

std::optional<EndBounds> bounds_of(Observation const& earlier, Observation const& later) {
    Real const between = later.at - earlier.at;
    double const slowest = later.low - earlier.high;
    double const quickest = later.high - earlier.low;
    if (between.count() <= 0 || slowest <= 0) return std::nullopt;
    auto const latest = later.at + rounded(between * ((100.0 - later.low) / slowest));
    auto const earliest = later.at + rounded(between * (std::max(0.0, 100.0 - later.high) / quickest));
    return EndBounds{earliest, latest};
}

}  // namespace

void PollInterval::record(SteadyTime at, TaskState state, int percent) {
    if (state_ != state || percent_ != percent) last_change_ = at;
    state_ = state;
    percent_ = percent;
    if (state == TaskState::queued || state == TaskState::uninitialized) {
        began_at_accept_ = false;
        samples_.clear();
        return;
    }
    if (state != TaskState::running) return;
    if (!samples_.empty() && percent < samples_.back().percent) {  // it went back: earlier samples are invalid
        samples_.clear();
        began_at_accept_ = false;
    }
    // Of several samples with the same percentage the first and the newest are enough.
    if (samples_.size() >= 2 && samples_.back().percent == percent && samples_[samples_.size() - 2].percent == percent)
        samples_.pop_back();
    samples_.push_back({at, percent});
    constexpr std::size_t max_samples = 64;
    if (samples_.size() > max_samples) samples_.erase(samples_.begin(), samples_.begin() + max_samples / 2);
}

std::optional<EndBounds> PollInterval::end_bounds() const {
    if (samples_.empty()) return std::nullopt;
    auto const& newest = samples_.back();
    auto const observation = [](Sample const& s) {
        return Observation{s.at, double(s.percent), double(s.percent) + 1};
    };
    Observation const later = observation(newest);

    // From the nearest sample back to the first one: each narrows the bounds, until one contradicts them because the
    // pace was different then.
    std::optional<EndBounds> bounds;
    auto const narrow = [&bounds](std::optional<EndBounds> more) {
        if (!more) return true;
        if (!bounds) {
            bounds = more;
            return true;
        }
        EndBounds const both{std::max(bounds->earliest, more->earliest), std::min(bounds->latest, more->latest)};
        if (both.earliest > both.latest) return false;
        bounds = both;
        return true;
    };
    for (auto it = samples_.rbegin() + 1; it != samples_.rend(); ++it)
        if (!narrow(bounds_of(observation(*it), later))) return bounds;
    if (began_at_accept_) narrow(bounds_of(Observation{accepted_, 0, 0}, later));
    return bounds;
}

SteadyTime PollInterval::next(SteadyTime now) const {
    if (!state_) return std::max(now, accepted_ + first_poll);
    if (*state_ != TaskState::running) {
        auto const waited = (now - accepted_) / 10;
        return now + std::clamp<milliseconds>(waited, far_gap_min, unknown_gap_max);
    }
    auto const bounds = end_bounds();
    auto const unchanged_for = now - last_change_;
    if (!bounds) {
        auto const gap = unchanged_for > 1min ? unchanged_for / 10 : now - accepted_;
        return now + std::clamp<milliseconds>(gap, far_gap_min,
                                              unchanged_for > 1min ? milliseconds{stalled_gap_max} : unknown_gap_max);
    }
    auto const uncertainty = bounds->latest - bounds->earliest;
    if (now >= bounds->latest) {  // it should have finished: the pace has changed, or the last part is slow
        bool const far = percent_ < 98;
        auto const overdue = now - bounds->latest;
        return now + std::clamp<milliseconds>(std::max(overdue, unchanged_for / 4),
                                              far ? milliseconds{far_gap_min} : 100ms, stalled_gap_max);
    }
    auto const until_latest = bounds->latest + answer_delay;
    constexpr auto narrow_enough = 250ms;
    if (uncertainty <= narrow_enough) {
        if (bounds->latest - now <= far_gap_max) return until_latest;
    } else if (now >= bounds->earliest - far_gap_min) {  // near the end, which is not known exactly: poll often
        return std::min(now + std::clamp<milliseconds>(uncertainty / 16, 200ms, 500ms), until_latest);
    }
    // The pace may increase: never wait much longer than a third of the elapsed time.
    auto const gap = std::min<milliseconds>((bounds->earliest - now) * 3 / 4,
                                            std::max<milliseconds>(trusted_gap, (now - accepted_) / 3));
    return now + std::clamp<milliseconds>(gap, far_gap_min, far_gap_max);
}

}  // namespace sb::core
