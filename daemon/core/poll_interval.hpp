#pragma once
// When to ask for a task's state next. From the percentages seen so far it bounds the time of the end,
// so that a long export costs few requests and the end is still seen within a fraction of a second.

#include "common/time.hpp"
#include "daemon/core/vm.hpp"

#include <optional>
#include <vector>

namespace sb::core {

/// Between these two moments the task ends, if it goes on at the pace seen so far.
struct EndBounds {
    SteadyTime earliest, latest;
};

class PollInterval {
public:
    /// `accepted`: when the cluster took the order; its work began about then.
    explicit PollInterval(SteadyTime accepted) : accepted_(accepted), last_change_(accepted) {}

    /// Takes note of an answer about the task.
    void seen(SteadyTime at, TaskState state, int percent);

    /// When to ask next. While the task is far from its end, at most once a second.
    SteadyTime next(SteadyTime now) const;

    /// Since when neither state nor percentage has changed.
    SteadyTime unchanged_since() const { return last_change_; }
    /// The estimate behind next(); empty while there is nothing to go by.
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
    bool began_at_accept_ = true;  ///< false once the task was seen waiting: then its start is not known
    std::vector<Sample> samples_;  ///< first sight of each percentage while RUNNING, and the newest sight
};

}  // namespace sb::core
