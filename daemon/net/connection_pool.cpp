#include "daemon/net/connection_pool.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace sb::net {

Lease::Lease(std::shared_ptr<ConnectionPool> pool, std::unique_ptr<Connection> connection, bool reused)
    : pool_(std::move(pool)), connection_(std::move(connection)), reused_(reused) {}

Lease::~Lease() {
    if (!connection_) return;
    connection_.reset();
    pool_->lost_one();
}

void Lease::give_back() { pool_->keep(std::move(connection_)); }

ConnectionPool::ConnectionPool(asio::any_io_executor executor, std::shared_ptr<TlsClient> tls, Endpoint endpoint,
                               ConnectionLimits limits)
    : executor_(executor), tls_(std::move(tls)), endpoint_(std::move(endpoint)), limits_(limits) {}

std::unique_ptr<Connection> ConnectionPool::take_idle() {
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        connection->unwatch();
        if (connection->is_silent()) return connection;
        ++counters_->closed_by_server;
        --total_;
    }
    return nullptr;
}

void ConnectionPool::drop_oldest_idle() {
    idle_.erase(idle_.begin());
    --total_;
}

bool ConnectionPool::has_room(Which which, bool waited) const {
    bool const more = waited || which == Which::fresh;
    return total_ < (more ? limits_.max_connections : limits_.normal_connections);
}

task<Result<Lease>> ConnectionPool::acquire(Which which, Clock::time_point deadline) {
    auto const patient_until = Clock::now() + limits_.patience;
    for (;;) {
        if (closed_) co_return Error{Errc::cancelled, "the connections to " + to_text(endpoint_) + " are closed"};
        if (which == Which::any) {
            if (auto connection = take_idle()) co_return Lease(shared_from_this(), std::move(connection), true);
        }
        if (which == Which::fresh && total_ >= limits_.max_connections && !idle_.empty()) drop_oldest_idle();
        auto const now = Clock::now();
        bool const waited = now >= patient_until;
        if (has_room(which, waited)) {
            ++total_;
            Lease lease(shared_from_this(),
                        std::make_unique<Connection>(executor_, tls_, endpoint_, limits_, counters_), false);
            auto opened = co_await lease.connection().open(deadline);
            if (!opened) co_return opened.error();
            co_return std::move(lease);
        }
        if (now >= deadline) {
            co_return Error{Errc::timed_out, "all connections to " + to_text(endpoint_) + " stayed busy"};
        }
        auto const until = waited ? deadline : std::min(deadline, patient_until);
        co_await wait_for_change(until);
    }
}

task<void> ConnectionPool::wait_for_change(Clock::time_point until) {
    Waiter waiter(executor_);
    waiter.timer.expires_at(until);
    struct Place {  // leaves the queue also when the coroutine is destroyed while it waits
        std::list<Waiter*>& queue;
        std::list<Waiter*>::iterator at;
        ~Place() { queue.erase(at); }
    };
    Place const place{waiters_, waiters_.insert(waiters_.end(), &waiter)};
    boost::system::error_code woken;
    co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (woken && !waiter.called) throw_cancelled();
}

void ConnectionPool::call_next() {
    for (auto* waiter : waiters_) {
        if (waiter->called) continue;
        waiter->called = true;
        waiter->timer.cancel();
        return;
    }
}

void ConnectionPool::lost_one() {
    --total_;
    call_next();
}

void ConnectionPool::keep(std::unique_ptr<Connection> connection) {
    if (closed_) {
        connection.reset();
        lost_one();
        return;
    }
    auto on_gone = [weak = weak_from_this(), raw = connection.get()](bool by_server) {
        auto const pool = weak.lock();
        if (!pool) return;
        auto const at = std::ranges::find_if(pool->idle_, [raw](auto const& idle) { return idle.get() == raw; });
        if (at == pool->idle_.end()) return;
        if (by_server) ++pool->counters_->closed_by_server;
        pool->idle_.erase(at);
        pool->lost_one();
    };
    connection->watch(std::move(on_gone));
    idle_.push_back(std::move(connection));
    call_next();
}

void ConnectionPool::close() {
    closed_ = true;
    total_ -= idle_.size();
    idle_.clear();
    for (auto* waiter : waiters_) {
        waiter->called = true;
        waiter->timer.cancel();
    }
}

}  // namespace sb::net
