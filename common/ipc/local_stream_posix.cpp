#include "common/ipc/local_stream_posix.hpp"

#include "common/ipc/pass_file_posix.hpp"
#include "common/ipc/side_threads.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace sb::ipc {
namespace {

bool again(int number) { return number == EAGAIN || number == EWOULDBLOCK || number == EINTR; }

Error read_failure(int number) {
    return error_from({number, boost::system::system_category()}, "reading from the control connection");
}

class LocalStream : public Stream {
public:
    explicit LocalStream(LocalSocket socket) : socket_(std::move(socket)) {}

    task<Result<std::size_t>> read_some(std::span<char> into) override {
        boost::system::error_code failed;
        for (;;) {
            co_await socket_.async_wait(LocalSocket::wait_read, asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return error_from(failed, "reading from the control connection");
            auto const count = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
            if (count >= 0) co_return static_cast<std::size_t>(count);
            if (!again(errno)) co_return read_failure(errno);
        }
    }

    task<Result<void>> write_all(std::string bytes) override {
        boost::system::error_code failed;
        auto const source = asio::buffer(bytes);
        co_await asio::async_write(socket_, source, asio::redirect_error(asio::use_awaitable, failed));
        if (failed) co_return error_from(failed, "writing to the control connection");
        co_return Result<void>();
    }

    task<Result<void>> write_all_with(std::string bytes, std::shared_ptr<OpenFile> file) override {
        boost::system::error_code failed;
        for (;;) {
            co_await socket_.async_wait(LocalSocket::wait_write, asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return error_from(failed, "writing to the control connection");
            auto const count = send_some(socket_.native_handle(), bytes, *file);
            if (count >= 0) co_return co_await write_all(bytes.substr(static_cast<std::size_t>(count)));
            if (again(errno)) continue;
            failed.assign(errno, boost::system::system_category());
            co_return error_from(failed, "handing the open file to the daemon");
        }
    }

    bool is_peer_gone() override {
        if (!socket_.is_open()) return true;
        // A peer that has only closed its sending side waits for its answer, and is not reported so.
        pollfd ends{socket_.native_handle(), 0, 0};
        return ::poll(&ends, 1, 0) > 0 && (ends.revents & (POLLHUP | POLLERR)) != 0;
    }

    void close() noexcept override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

protected:
    LocalSocket socket_;
};

/// The daemon's end.
class ClientStream final : public LocalStream {
public:
    ClientStream(LocalSocket socket, std::shared_ptr<SideThreads> side_threads)
        : LocalStream(std::move(socket)), side_threads_(std::move(side_threads)) {
        // Out-of-band data would go past the check for descriptors.
        int const on = 1;
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    }
    ~ClientStream() override { ClientStream::close(); }

    task<Result<std::size_t>> read_some(std::span<char> into) override {
        boost::system::error_code failed;
        for (;;) {
            co_await socket_.async_wait(LocalSocket::wait_read, asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return error_from(failed, "reading from the control connection");
            auto const waiting = receive_some(socket_.native_handle(), into);
            if (waiting.may_have_descriptors) {
                auto const count = co_await read_aside(into);
                if (count || count.error().code != Errc::unavailable) co_return count;
                continue;
            }
            if (waiting.count >= 0) co_return static_cast<std::size_t>(waiting.count);
            if (!again(errno)) co_return read_failure(errno);
        }
    }

    void accept_files(bool accepted) override {
        accepts_files_ = accepted;
        if (!accepted) file_ = nullptr;
    }
    std::shared_ptr<OpenFile> take_file() override { return std::exchange(file_, nullptr); }

    void close() noexcept override {
        if (!socket_.is_open()) return;
        if (auto const waiting = arriving_.lock()) waiting->over.cancel();
        boost::system::error_code ignored;
        // Nothing more can come, and the peer sees the end now, however long closing takes.
        socket_.shutdown(LocalSocket::shutdown_both, ignored);
        int const descriptor = socket_.release(ignored);
        if (!ignored) close_connection(descriptor, *side_threads_);
    }

private:
    /// What one read on a side thread brought.
    struct Arrival {
        explicit Arrival(asio::any_io_executor const& executor) : over(executor) {}
        asio::steady_timer over;
        bool is_over = false;
        Piece piece;
    };

    /// Errc::unavailable = nothing was there after all.
    task<Result<std::size_t>> read_aside(std::span<char> into) {
        auto const arrival = std::make_shared<Arrival>(socket_.get_executor());
        arriving_ = arrival;
        arrival->over.expires_after(aside_limit);
        if (!start_reading(arrival, into.size())) co_return read_failure(errno);
        boost::system::error_code woken;
        co_await arrival->over.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (!arrival->is_over) {
            if (woken) co_return Error{Errc::cancelled, "reading from the control connection was stopped"};
            co_return Error{Errc::io, "the system does not finish receiving what the client handed over"};
        }
        auto& piece = arrival->piece;
        if (again(piece.failed)) co_return Error{Errc::unavailable, "nothing to read"};
        if (piece.failed != 0) co_return read_failure(piece.failed);
        if (piece.file && accepts_files_) file_ = std::move(piece.file);
        std::copy(piece.bytes.begin(), piece.bytes.end(), into.begin());
        co_return piece.bytes.size();
    }

    bool start_reading(std::shared_ptr<Arrival> const& arrival, std::size_t most) {
        // Its own descriptor: the stream may be closed meanwhile, and its number used again.
        int const copy = ::fcntl(socket_.native_handle(), F_DUPFD_CLOEXEC, 0);
        if (copy < 0) return false;
        auto read = [copy, most, wants_file = accepts_files_, weak = std::weak_ptr(arrival),
                     executor = socket_.get_executor(),
                     closing = std::weak_ptr(side_threads_)](SideThreads::Back const& back) {
            auto piece = std::make_shared<Piece>();
            if (auto const threads = closing.lock()) *piece = take_piece(copy, most, wants_file, threads);
            ::close(copy);
            auto arrived = [weak, piece] {
                auto const waits = weak.lock();
                if (!waits) return;
                waits->piece = std::move(*piece);
                waits->is_over = true;
                waits->over.cancel();
            };
            back([&] { asio::post(executor, std::move(arrived)); });
        };
        side_threads_->run(std::move(read));
        return true;
    }

    static constexpr std::chrono::seconds aside_limit{30};

    std::shared_ptr<SideThreads> side_threads_;
    bool accepts_files_ = false;
    std::weak_ptr<Arrival> arriving_;
    std::shared_ptr<OpenFile> file_;  ///< the last one that arrived, not taken yet
};

}  // namespace

std::unique_ptr<Stream> stream_over(LocalSocket socket) { return std::make_unique<LocalStream>(std::move(socket)); }

std::unique_ptr<Stream> stream_over(LocalSocket socket, std::shared_ptr<SideThreads> side_threads) {
    return std::make_unique<ClientStream>(std::move(socket), std::move(side_threads));
}

void close_connection(int descriptor, SideThreads& side_threads) noexcept {
    if (drain(descriptor)) side_threads.close(descriptor);
    else ::close(descriptor);
}

std::string problem_with_path(std::filesystem::path const& path) {
    auto const length = path.native().size();
    auto const most = sizeof(sockaddr_un::sun_path) - 1;
    if (length == 0) return "the socket's path is empty";
    if (length > most)
        return "the socket's path is " + std::to_string(length) + " bytes long and the system allows " +
               std::to_string(most) + ": " + path.native();
    return {};
}

Error error_from(boost::system::error_code const& why, std::string_view doing) {
    auto const is = [&](boost::system::errc::errc_t code) {
        return why == boost::system::errc::make_error_condition(code);
    };
    auto code = Errc::io;
    // Operations on a closed socket end with bad_descriptor if they start after close().
    if (why == asio::error::operation_aborted || why == asio::error::bad_descriptor) code = Errc::cancelled;
    else if (is(boost::system::errc::permission_denied) || is(boost::system::errc::operation_not_permitted))
        code = Errc::not_permitted;
    else if (is(boost::system::errc::broken_pipe) || is(boost::system::errc::connection_reset))
        code = Errc::unreachable;
    return {code, std::string(doing) + ": " + why.message()};
}

}  // namespace sb::ipc
