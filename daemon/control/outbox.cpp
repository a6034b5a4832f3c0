#include "daemon/control/outbox.hpp"

#include <utility>

namespace sb::control {

bool Subscription::add(JobId job) {
    constexpr std::size_t max_jobs = 1024;
    if (job == 0) all_ = true;
    else if (!all_ && jobs_.size() >= max_jobs && !jobs_.contains(job)) return false;
    else jobs_.insert(job);
    return true;
}

Result<void> Outbox::subscribe(JobId job) {
    before_ = subscription_;
    if (!subscription_.add(job))
        return Error{Errc::refused, "this connection follows too many single jobs; subscribe to job 0 for all of them"};
    holding_ = true;
    return {};
}

void Outbox::unsubscribe_last() {
    subscription_ = before_;
    std::erase_if(waiting_, [this](auto const& entry) { return !subscription_.covers(entry.first); });
    std::erase_if(order_, [this](JobId job) { return !waiting_.contains(job); });
}

void Outbox::respond(std::string text) { answers_.push_back(std::make_shared<std::string const>(std::move(text))); }

bool Outbox::notify(JobId job, Text const& text) {
    if (!wants(job)) return true;
    auto const [entry, is_new] = waiting_.insert_or_assign(job, text);
    if (!is_new) return true;
    order_.push_back(job);
    return waiting_.size() <= max_waiting_jobs_;
}

Text Outbox::take_next() {
    if (!answers_.empty()) {
        auto text = std::move(answers_.front());
        answers_.pop_front();
        return text;
    }
    if (holding_ || order_.empty()) return nullptr;
    auto entry = waiting_.extract(order_.front());
    order_.pop_front();
    return std::move(entry.mapped());
}

}  // namespace sb::control
