#pragma once
// When to poll a task next. From the percentages seen so far it bounds the time at which the task finishes, so that a
// long export costs few requests and its end is still noticed within a fraction of a second.

#include "common/time.hpp"
#include "daemon/core/vm.hpp"

#include <optional>
#include <vector>

namespace sb::core {

/// The task finishes between these two moments if it keeps the pace seen so far.
struct EndBounds {
    SteadyTime earliest, latest;
};

class PollInterval {
public:
    /// `accepted`: when the cluster accepted the request; the task started at about that time.
    explicit PollInterval(SteadyTime accepted) : accepted_(accepted), last_change_(accepted) {}

    /// Records an answer about the task.
    void record(SteadyTime at, TaskState state, int percent);

    /// When to poll next. While the task is far from its end, at most once a second.
    SteadyTime next(SteadyTime now) const;

    /// The time of the last change of state or percentage.
    SteadyTime unchanged_since() const { return last_change_; }
    /// The estimate behind next(); empty while there is too little data.
    std::optional<EndBounds> end_bounds() const;

private:
    struct Sample {
        SteadyTime at;
        int percent;
    };

    SteadyTime accepted_;
    SteadyTime last_change_;
    std::optional<TaskState> state_;
    int percent_ = 0;
    bool began_at_accept_ = true;  ///< false once the task was seen waiting: its start is then unknown
    std::vector<Sample> samples_;  ///< the first sample of each percentage while RUNNING, and the newest one
};

}  // namespace sb::core
