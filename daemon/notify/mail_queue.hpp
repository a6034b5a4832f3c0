#pragma once
// Which mail to send, and when: bounded, one mail per cause, retried for a day with growing pauses. Pure; the time is
// passed in. A pause after a failure applies to the server, not to one mail; the mail that failed goes to the end, so
// that one which the server rejects does not hold up the others. A mail that the server took for some of its recipients
// waits for the others alone.

#include "common/time.hpp"
#include "daemon/ports/outbox.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::notify {

class MailQueue {
public:
    static constexpr std::size_t max_waiting = 100;
    static constexpr std::size_t max_causes = 10000;
    static constexpr Milliseconds first_wait = std::chrono::minutes(1), max_wait = std::chrono::hours(1);
    static constexpr Milliseconds kept_for = std::chrono::hours(24);
    /// Less than a day, so that what is found every night is reported every night, a bit earlier or later.
    static constexpr Milliseconds quiet_for = std::chrono::hours(23);

    struct Posted {
        bool queued = true;               ///< false: its cause was reported already
        std::optional<std::string> lost;  ///< subject of the oldest one, dropped to make room
    };
    Posted post(ports::QueuedMail mail, SteadyTime now);
    void resolve(std::string const& cause) { reported_.erase(cause); }

    /// Adds one that waited before a restart, and was posted `age` ago. It is tried at least once. Left out if its
    /// cause was reported again meanwhile, or if the queue is full.
    void restore(ports::QueuedMail mail, Milliseconds age, SteadyTime now);
    /// All that is waiting, with the one that is being tried.
    std::vector<ports::QueuedMail> contents() const;

    bool empty() const { return waiting_.empty(); }
    std::size_t size() const { return waiting_.size(); }
    /// When the next one may be tried; empty if none is waiting.
    std::optional<SteadyTime> next_attempt() const;
    /// Takes the next one from the queue to be tried; sent(), sent_except() or failed() must follow.
    ports::QueuedMail take();

    /// Drops all waiting mails.
    void clear() { waiting_.clear(); }

    struct Failed {
        bool given_up = false;  ///< tried for a day: dropped
        Milliseconds wait{0};   ///< until the next attempt
    };
    void sent();
    /// The server works, but did not take the mail for these recipients yet. `wait` is of this mail alone.
    Failed sent_except(std::vector<std::string> recipients, SteadyTime now);
    /// `wait` is of whichever mail is next.
    Failed failed(SteadyTime now);
    /// The settings changed: waiting mails are tried immediately.
    void settings_changed(SteadyTime now);

    /// How many were lost since the last one that was sent; the next mail reports it.
    std::size_t lost() const { return lost_; }

private:
    struct Waiting {
        ports::QueuedMail mail;
        SteadyTime posted;
        SteadyTime from;       ///< not tried before
        Milliseconds wait{0};  ///< the last pause of this mail alone
    };
    std::deque<Waiting>::const_iterator next() const;
    void server_works();
    void lose(ports::Message const& message);
    bool was_reported(std::string const& cause, SteadyTime now);  ///< marks it as reported

    std::deque<Waiting> waiting_;
    std::optional<Waiting> taken_;
    std::map<std::string, SteadyTime> reported_;
    SteadyTime server_from_ = SteadyTime::min();  ///< no attempt before
    Milliseconds wait_{0};
    std::size_t lost_ = 0, lost_when_taken_ = 0;
};

}  // namespace sb::notify
