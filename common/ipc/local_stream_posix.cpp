#include "common/ipc/local_stream_posix.hpp"

#include "common/ipc/pass_file_posix.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <poll.h>
#include <sys/un.h>

#include <cerrno>

namespace sb::ipc {
namespace {

class LocalStream final : public Stream {
public:
    explicit LocalStream(LocalSocket socket) : socket_(std::move(socket)) {}

    task<Result<std::size_t>> read_some(std::span<char> into) override {
        boost::system::error_code failed;
        for (;;) {
            co_await socket_.async_wait(LocalSocket::wait_read, asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return error_from(failed, "reading from the control connection");
            auto const count = receive_some(socket_.native_handle(), into, file_);
            if (count >= 0) co_return static_cast<std::size_t>(count);
            if (again(errno)) continue;
            failed.assign(errno, boost::system::system_category());
            co_return error_from(failed, "reading from the control connection");
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

    std::shared_ptr<OpenFile> take_file() override { return std::exchange(file_, nullptr); }

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

private:
    static bool again(int number) { return number == EAGAIN || number == EWOULDBLOCK || number == EINTR; }

    LocalSocket socket_;
    std::shared_ptr<OpenFile> file_;  ///< the last one that arrived, not taken yet
};

}  // namespace

std::unique_ptr<Stream> stream_over(LocalSocket socket) { return std::make_unique<LocalStream>(std::move(socket)); }

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
