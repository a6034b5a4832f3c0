#pragma once
// A Stream and a Listener in memory: two bounded byte queues for each connection. The test holds the client's ends
// as plain strings and runs the loop itself, so nothing in these tests depends on time or on the system.

#include "common/ipc/listen.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace sb::test {

struct MemoryPipe {
    explicit MemoryPipe(asio::any_io_executor executor) : changed(executor, asio::steady_timer::time_point::max()) {}
    std::string bytes;
    std::size_t capacity = 256UL * 1024;
    bool ended = false;   ///< by the writer
    bool closed = false;  ///< by either
    asio::steady_timer changed;
};

class MemoryStream final : public ipc::Stream {
public:
    MemoryStream(std::shared_ptr<MemoryPipe> in, std::shared_ptr<MemoryPipe> out)
        : in_(std::move(in)), out_(std::move(out)) {}
    ~MemoryStream() override { MemoryStream::close(); }

    task<Result<std::size_t>> read_some(std::span<char> into) override {
        auto const in = in_;
        boost::system::error_code woken;
        while (in->bytes.empty()) {
            if (in->closed) co_return Error{Errc::cancelled, "closed"};
            if (in->ended) co_return std::size_t{0};
            co_await in->changed.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        auto const count = std::min(into.size(), in->bytes.size());
        std::copy_n(in->bytes.begin(), count, into.begin());
        in->bytes.erase(0, count);
        co_return count;
    }

    task<Result<void>> write_all(std::string bytes) override {
        auto const out = out_;
        boost::system::error_code woken;
        while (!bytes.empty()) {
            if (out->closed) co_return Error{Errc::unreachable, "closed"};
            auto const count = std::min(bytes.size(), out->capacity - std::min(out->capacity, out->bytes.size()));
            out->bytes.append(bytes, 0, count);
            bytes.erase(0, count);
            if (count > 0) out->changed.cancel();
            if (!bytes.empty()) co_await out->changed.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        co_return Result<void>();
    }

    bool is_peer_gone() override { return out_->closed; }

    void close() noexcept override {
        for (auto const& pipe : {in_, out_}) {
            pipe->closed = true;
            pipe->changed.cancel();
        }
    }

private:
    std::shared_ptr<MemoryPipe> in_;
    std::shared_ptr<MemoryPipe> out_;
};

class MemoryListener final : public ipc::Listener {
public:
    explicit MemoryListener(asio::any_io_executor executor)
        : executor_(executor), changed_(executor, asio::steady_timer::time_point::max()) {}

    task<Result<ipc::Connection>> accept() override {
        boost::system::error_code woken;
        while (waiting_.empty()) {
            if (closed_) co_return Error{Errc::cancelled, "closed"};
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        auto connection = std::move(waiting_.front());
        waiting_.pop_front();
        co_return connection;
    }

    void close() noexcept override {
        closed_ = true;
        changed_.cancel();
    }

    /// The client's ends: what it sends, and what it gets.
    std::pair<std::shared_ptr<MemoryPipe>, std::shared_ptr<MemoryPipe>> connect(ipc::Peer peer) {
        auto to_server = std::make_shared<MemoryPipe>(executor_);
        auto from_server = std::make_shared<MemoryPipe>(executor_);
        ipc::Connection connection{std::make_unique<MemoryStream>(to_server, from_server), peer};
        waiting_.push_back(std::move(connection));
        changed_.cancel();
        return {to_server, from_server};
    }

private:
    asio::any_io_executor executor_;
    asio::steady_timer changed_;
    std::deque<ipc::Connection> waiting_;
    bool closed_ = false;
};

}  // namespace sb::test
