#pragma once
// What one session has yet to send: answers in order, and the newest state of each job that changed. A slow reader
// thus costs at most one text for each job, and always gets a job's last state. Values only.

#include "common/error.hpp"
#include "common/ids.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace sb::control {

/// One message, without its line's end; shared by all sessions that get it.
using Text = std::shared_ptr<std::string const>;

/// The jobs whose changes a session subscribed to.
class Subscription {
public:
    /// 0 = all jobs. False if there are too many for one session.
    bool add(JobId job);
    bool covers(JobId job) const { return all_ || jobs_.contains(job); }
    bool empty() const { return !all_ && jobs_.empty(); }

private:
    bool all_ = false;
    std::set<JobId> jobs_;
};

class Outbox {
public:
    explicit Outbox(std::size_t max_waiting_jobs) : max_waiting_jobs_(max_waiting_jobs) {}

    /// From now on changes of the job are collected, but held back until release(): the caller reads the current
    /// state next, and that answer is sent first. So no change is lost between the two.
    Result<void> subscribe(JobId job);
    /// Takes the last subscribe() back.
    void unsubscribe_last();

    void respond(std::string text);
    /// Releases notifications that subscribe() held back.
    void release() { holding_ = false; }

    /// A job's newest state. False if more jobs wait than a session may have.
    bool notify(JobId job, Text const& text);
    bool wants(JobId job) const { return subscription_.covers(job); }
    bool subscribed() const { return !subscription_.empty(); }

    /// Removes and returns what to send next, or null. Answers go before notifications.
    Text take_next();
    bool has_answers() const { return !answers_.empty(); }

private:
    std::size_t max_waiting_jobs_;
    std::deque<Text> answers_;
    std::deque<JobId> order_;  ///< of the jobs in waiting_, the longest waiting first
    std::map<JobId, Text> waiting_;
    Subscription subscription_;
    Subscription before_;  ///< what unsubscribe_last() restores
    bool holding_ = false;
};

}  // namespace sb::control
