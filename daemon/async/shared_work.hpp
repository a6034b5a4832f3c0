#pragma once
// Work that costs much and that clients ask for, such as a simulation of a year. One at a time runs; clients that ask
// for the same share one answer; it is stopped when the last of them has left, or when it takes too long. One object
// for each kind of work. It belongs to one event loop. An answer is copied to each who asked, so make it a shared
// pointer if it can be long.

#include "common/error.hpp"
#include "daemon/async/departure.hpp"
#include "daemon/async/failure.hpp"
#include "daemon/async/stop_flag.hpp"
#include "daemon/async/task_group.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sb {

struct SharedWorkTerms {
    std::string name;              ///< for errors: "the simulation"
    std::size_t most_waiting = 4;  ///< different requests that may wait for the one that runs
    std::chrono::milliseconds limit = std::chrono::minutes(2);  ///< how long one may wait and run
    /// An answer is never older than its question: who asks while the same work runs waits for the next one. So a
    /// client that has changed something sees its change.
    bool is_fresh = false;
    std::string advice = "ask for less, or try again later";  ///< for those for whom it took too long
};

template <class Answer>
class SharedWork {
public:
    /// Calls a coroutine that ends soon after the flag is set. What blocks or computes goes to a pool, there.
    using Work = std::function<task<Result<Answer>>(StopFlag)>;

    SharedWork(asio::any_io_executor executor, SharedWorkTerms terms)
        : executor_(executor), terms_(std::move(terms)), group_(executor, [](std::exception_ptr) {}) {}
    SharedWork(SharedWork const&) = delete;
    SharedWork& operator=(SharedWork const&) = delete;
    ~SharedWork() = default;  ///< stop() and join() first

    /// The answer to the request `key`: of work that waits or runs with the same key (see is_fresh), else of `work`, in
    /// its turn. `goes_first`: before the requests that wait and do not, and never refused.
    /// Errors: refused (too many wait), timed_out, cancelled (`asker` has left, or the daemon stops), or the work's
    /// own. What the work throws is thrown to each who waits.
    task<Result<Answer>> run(std::string key, std::shared_ptr<Departure> asker, Work work, bool goes_first = false) {
        if (stopping_) co_return Error{Errc::cancelled, "the daemon is stopping"};
        auto round = find(key);
        if (!round) {
            if (rounds_.size() > terms_.most_waiting && !goes_first)
                co_return Error{Errc::refused, terms_.name + " is busy with other requests; try again later"};
            round = std::make_shared<Round>(executor_, std::move(key), std::move(work));
            limit(round);
            rounds_.push_back(round);
        }
        if (goes_first) move_up(round);
        Seat const seat(*this, round);
        if (!driving_) group_.spawn(run_rounds());
        asio::steady_timer woken(executor_, asio::steady_timer::time_point::max());
        Waiting const waiting(*round, woken);
        auto wake = [&woken] { woken.cancel(); };
        Departure::Listening const listening(asker, std::move(wake));
        boost::system::error_code reason;
        while (!round->is_over && !asker->has_happened())
            co_await woken.async_wait(asio::redirect_error(asio::use_awaitable, reason));
        if (!round->is_over) co_return Error{Errc::cancelled, "the client has left"};
        if (round->crash) std::rethrow_exception(round->crash);
        co_return round->answer;
    }

    /// Ends all; those who wait get Errc::cancelled.
    void stop() {
        stopping_ = true;
        for (auto const& round : rounds_) {
            round->stop.set();
            round->end(Error{Errc::cancelled, "the daemon is stopping"});
        }
        group_.stop();
    }
    task<void> join() { return group_.join(); }

    /// Requests that run or wait.
    std::size_t unfinished() const { return rounds_.size(); }

private:
    /// One request and those who wait for its answer.
    struct Round {
        Round(asio::any_io_executor const& executor, std::string with_key, Work with_work)
            : key(std::move(with_key)), work(std::move(with_work)), limit(executor) {}

        void end(Result<Answer> with) {
            if (is_over) return;
            is_over = true;
            answer = std::move(with);
            for (auto* const timer : waiting) timer->cancel();
        }

        /// What worked on it is gone.
        void lose() {
            stop.set();
            limit.cancel();
            is_over = true;
            for (auto* const timer : waiting) timer->cancel();
        }

        std::string key;
        Work work;
        asio::steady_timer limit;
        StopFlag stop;
        Result<Answer> answer = Error{Errc::internal, "it was not run, most likely for want of memory"};
        std::exception_ptr crash;
        bool goes_first = false;
        bool has_begun = false;
        bool is_over = false;
        std::size_t seats = 0;
        std::list<asio::steady_timer*> waiting;  ///< never expire: events
    };

    /// A client that wants the answer. The last one that leaves stops the work.
    class Seat {
    public:
        Seat(SharedWork& all, std::shared_ptr<Round> round) : all_(all), round_(std::move(round)) { ++round_->seats; }
        Seat(Seat const&) = delete;
        Seat& operator=(Seat const&) = delete;
        ~Seat() {
            if (--round_->seats > 0) return;
            round_->stop.set();
            all_.forget_if_waiting(round_);
        }

    private:
        SharedWork& all_;
        std::shared_ptr<Round> round_;
    };

    class Waiting {
    public:
        Waiting(Round& round, asio::steady_timer& timer)
            : round_(round), place_(round.waiting.insert(round.waiting.end(), &timer)) {}
        Waiting(Waiting const&) = delete;
        Waiting& operator=(Waiting const&) = delete;
        ~Waiting() { round_.waiting.erase(place_); }

    private:
        Round& round_;
        std::list<asio::steady_timer*>::iterator place_;
    };

    /// What works on the rounds, one after the other, also if it is destroyed without being resumed.
    class Drive {
    public:
        explicit Drive(SharedWork& all) : all_(all) { all_.driving_ = true; }
        Drive(Drive const&) = delete;
        Drive& operator=(Drive const&) = delete;
        ~Drive() {
            all_.driving_ = false;
            leave();
        }
        std::shared_ptr<Round> const& enter(std::shared_ptr<Round> round) { return round_ = std::move(round); }
        void leave() {
            if (!round_) return;
            if (!round_->is_over) round_->lose();
            std::erase(all_.rounds_, round_);
            round_ = nullptr;
        }

    private:
        SharedWork& all_;
        std::shared_ptr<Round> round_;
    };

    /// One that has been stopped gives no answer to a new request.
    std::shared_ptr<Round> find(std::string const& key) const {
        auto const fits = [&](auto const& round) {
            bool const is_too_old = terms_.is_fresh && round->has_begun;
            return round->key == key && !round->is_over && !round->stop.is_set() && !is_too_old;
        };
        auto const found = std::ranges::find_if(rounds_, fits);
        return found == rounds_.end() ? nullptr : *found;
    }
    void move_up(std::shared_ptr<Round> const& round) {
        if (round->has_begun || std::exchange(round->goes_first, true)) return;
        std::erase(rounds_, round);
        auto const must_wait = [](auto const& other) { return !other->has_begun && !other->goes_first; };
        rounds_.insert(std::ranges::find_if(rounds_, must_wait), round);
    }
    void forget_if_waiting(std::shared_ptr<Round> const& round) {
        if (!rounds_.empty() && rounds_.front() != round) std::erase(rounds_, round);
    }

    task<void> run_rounds() {
        if (driving_) co_return;
        Drive drive(*this);
        while (!rounds_.empty() && !stopping_) {
            auto const& round = drive.enter(rounds_.front());
            if (!round->stop.is_set()) co_await run_one(round);
            drive.leave();
        }
    }
    task<void> run_one(std::shared_ptr<Round> round) {
        round->has_begun = true;
        Result<Answer> answer = Error{Errc::cancelled, "it was stopped"};
        try {
            answer = co_await round->work(round->stop);
        } catch (...) {
            if (!round->is_over) round->crash = std::current_exception();
        }
        round->limit.cancel();
        round->end(std::move(answer));
    }
    void limit(std::shared_ptr<Round> const& round) {
        round->limit.expires_after(terms_.limit);
        auto expired = [weak = std::weak_ptr(round), terms = terms_](boost::system::error_code stopped) {
            auto const late = weak.lock();
            if (stopped || !late || late->is_over) return;
            late->stop.set();
            auto const seconds = std::chrono::ceil<std::chrono::seconds>(terms.limit).count();
            late->end(Error{Errc::timed_out, terms.name + " did not end within " + std::to_string(seconds) +
                                                 " s and was stopped; " + terms.advice});
        };
        round->limit.async_wait(std::move(expired));
    }

    asio::any_io_executor executor_;
    SharedWorkTerms terms_;
    std::deque<std::shared_ptr<Round>> rounds_;  ///< the first one runs
    bool driving_ = false;
    bool stopping_ = false;
    TaskGroup group_;
};

}  // namespace sb
