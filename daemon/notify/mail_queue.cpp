#include "daemon/notify/mail_queue.hpp"

#include <algorithm>
#include <cassert>

namespace sb::notify {

MailQueue::Posted MailQueue::post(ports::Message message, SteadyTime now) {
    Posted result;
    if (!message.cause.empty() && was_reported(message.cause, now)) {
        result.queued = false;
        return result;
    }
    if (waiting_.size() >= max_waiting) {
        result.lost = waiting_.front().message.subject;
        lose(waiting_.front().message);
        waiting_.pop_front();
    }
    waiting_.push_back({std::move(message), now});
    return result;
}

std::optional<SteadyTime> MailQueue::next_attempt() const {
    if (waiting_.empty()) return std::nullopt;
    return std::max(waiting_.front().posted, server_from_);
}

ports::Message MailQueue::take() {
    assert(!waiting_.empty() && !taken_);
    lost_when_taken_ = lost_;
    taken_ = std::move(waiting_.front());
    waiting_.pop_front();
    return taken_->message;
}

void MailQueue::sent() {
    taken_.reset();
    lost_ -= lost_when_taken_;  // those that the mail reported
    try_again_now();
}

MailQueue::Failed MailQueue::failed(SteadyTime now) {
    assert(taken_);
    wait_ = std::clamp(wait_ * 2, first_wait, max_wait);
    server_from_ = now + wait_;
    Failed result;
    result.wait = wait_;
    result.given_up = now - taken_->posted >= kept_for;
    if (result.given_up) {
        lose(taken_->message);
    } else {
        waiting_.push_back(std::move(*taken_));
    }
    taken_.reset();
    return result;
}

// It was never reported, so the next one of this cause is not a repetition.
void MailQueue::lose(ports::Message const& message) {
    ++lost_;
    reported_.erase(message.cause);
}

bool MailQueue::was_reported(std::string const& cause, SteadyTime now) {
    auto const known = reported_.find(cause);
    if (known != reported_.end() && now - known->second < quiet_for) return true;
    if (reported_.size() >= max_causes)
        std::erase_if(reported_, [now](auto const& entry) { return now - entry.second >= quiet_for; });
    if (reported_.size() >= max_causes)
        reported_.erase(std::ranges::min_element(reported_, {}, [](auto const& entry) { return entry.second; }));
    reported_[cause] = now;
    return false;
}

}  // namespace sb::notify
