#include "daemon/notify/mail_queue.hpp"

#include <algorithm>
#include <cassert>

namespace sb::notify {

MailQueue::Posted MailQueue::post(ports::QueuedMail mail, SteadyTime now) {
    Posted result;
    auto const& cause = mail.message.cause;
    if (!cause.empty() && was_reported(cause, now)) {
        result.queued = false;
        return result;
    }
    if (waiting_.size() >= max_waiting) {
        result.lost = waiting_.front().mail.message.subject;
        lose(waiting_.front().mail.message);
        waiting_.pop_front();
    }
    waiting_.push_back({std::move(mail), now, now});
    return result;
}

void MailQueue::restore(ports::QueuedMail mail, Milliseconds age, SteadyTime now) {
    auto const posted = now - std::clamp(age, Milliseconds(0), kept_for);
    auto const& cause = mail.message.cause;
    bool const is_repeated = !cause.empty() && reported_.contains(cause);
    if (is_repeated || waiting_.size() >= max_waiting) return;
    if (!cause.empty()) reported_[cause] = posted;
    waiting_.push_back({std::move(mail), posted, now});
}

std::vector<ports::QueuedMail> MailQueue::contents() const {
    std::vector<ports::QueuedMail> all;
    if (taken_) all.push_back(taken_->mail);
    for (auto const& waiting : waiting_) all.push_back(waiting.mail);
    return all;
}

std::deque<MailQueue::Waiting>::const_iterator MailQueue::next() const {
    return std::ranges::min_element(waiting_, {}, &Waiting::from);  // the first of equal ones
}

std::optional<SteadyTime> MailQueue::next_attempt() const {
    if (waiting_.empty()) return std::nullopt;
    return std::max(next()->from, server_from_);
}

ports::QueuedMail MailQueue::take() {
    assert(!waiting_.empty() && !taken_);
    lost_when_taken_ = lost_;
    auto const chosen = next();
    taken_ = *chosen;
    waiting_.erase(chosen);
    return taken_->mail;
}

void MailQueue::sent() {
    taken_.reset();
    server_works();
}

MailQueue::Failed MailQueue::sent_except(std::vector<std::string> recipients, SteadyTime now) {
    assert(taken_);
    auto mail = std::move(*taken_);
    sent();
    mail.wait = std::clamp(mail.wait * 2, first_wait, max_wait);
    mail.from = now + mail.wait;
    mail.mail.recipients = std::move(recipients);
    Failed result{now - mail.posted >= kept_for, mail.wait};
    if (!result.given_up) waiting_.push_back(std::move(mail));
    return result;
}

MailQueue::Failed MailQueue::failed(SteadyTime now) {
    assert(taken_);
    wait_ = std::clamp(wait_ * 2, first_wait, max_wait);
    server_from_ = now + wait_;
    Failed result{now - taken_->posted >= kept_for, wait_};
    if (result.given_up) {
        lose(taken_->mail.message);
    } else {
        taken_->from = now;
        waiting_.push_back(std::move(*taken_));
    }
    taken_.reset();
    return result;
}

void MailQueue::settings_changed(SteadyTime now) {
    server_from_ = SteadyTime::min();
    wait_ = Milliseconds(0);
    for (auto& waiting : waiting_) waiting.from = std::min(waiting.from, now);
}

void MailQueue::server_works() {
    lost_ -= lost_when_taken_;  // those that the mail reported
    server_from_ = SteadyTime::min();
    wait_ = Milliseconds(0);
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
