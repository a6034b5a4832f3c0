#include "ctl/menu/keyboard.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>

namespace sb::ctl {
namespace {

/// Longer than the pause between the bytes of one key on a slow line, shorter than a person notices.
constexpr std::chrono::milliseconds escape_delay{60};

/// Standard input without blocking. Others share this open file (the shell, a pipe's other readers), so its flags are
/// restored at the end.
class Input {
public:
    explicit Input(asio::any_io_executor executor)
        : flags_(::fcntl(STDIN_FILENO, F_GETFL)), descriptor_(executor, ::dup(STDIN_FILENO)) {}
    Input(Input const&) = delete;
    Input& operator=(Input const&) = delete;
    ~Input() {
        boost::system::error_code ignored;
        descriptor_.close(ignored);
        if (flags_ >= 0) ::fcntl(STDIN_FILENO, F_SETFL, flags_);
    }

    /// 0 at the end of the input.
    task<Result<std::size_t>> read(std::array<char, 256>& buffer) {
        boost::system::error_code failed;
        auto const room = asio::buffer(buffer);
        auto const count =
            co_await descriptor_.async_read_some(room, asio::redirect_error(asio::use_awaitable, failed));
        if (failed == asio::error::eof) co_return std::size_t{0};
        // A terminal that was closed.
        if (failed == boost::system::errc::io_error) co_return std::size_t{0};
        if (failed == asio::error::operation_aborted) co_return Error{Errc::cancelled, "interrupted"};
        if (failed) co_return Error{Errc::io, "reading standard input: " + failed.message()};
        co_return count;
    }

    void wake() {
        boost::system::error_code ignored;
        descriptor_.cancel(ignored);
    }

private:
    int flags_;
    asio::posix::stream_descriptor descriptor_;
};

class RawMode {
public:
    RawMode() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        auto raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
        raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IXON);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        changed_ = ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
    }
    RawMode(RawMode const&) = delete;
    RawMode& operator=(RawMode const&) = delete;
    ~RawMode() {
        if (changed_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }

private:
    termios before_{};
    bool changed_ = false;
};

class PosixKeyboard final : public Keyboard {
public:
    explicit PosixKeyboard(asio::any_io_executor executor)
        : input_(executor), resized_(executor, SIGWINCH), settle_(executor) {
        watch_size();
    }

    task<Result<std::optional<Key>>> next() override {
        std::array<char, 256> buffer{};
        for (;;) {
            if (auto key = decoder_.next()) co_return key;
            if (std::exchange(size_changed_, false)) co_return std::optional<Key>();
            if (ended_) co_return std::optional<Key>(Key{Key::Kind::end, ""});
            if (decoder_.waits()) settle_soon();
            auto const count = co_await input_.read(buffer);
            settle_.cancel();
            if (count) {
                ended_ = *count == 0;
                decoder_.feed({buffer.data(), *count});
                continue;
            }
            if (std::exchange(settled_, false)) {
                if (auto key = decoder_.settle()) co_return key;
                continue;
            }
            if (!size_changed_) co_return count.error();
        }
    }

    std::size_t rows() const override {
        winsize window{};
        constexpr std::size_t usual = 24;
        bool const known = ::ioctl(STDIN_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row > 0;
        return known ? window.ws_row : usual;
    }

private:
    void watch_size() {
        resized_.async_wait([this](boost::system::error_code stopped, int) {
            if (stopped) return;
            size_changed_ = true;
            input_.wake();
            watch_size();
        });
    }

    void settle_soon() {
        settle_.expires_after(escape_delay);
        settle_.async_wait([this](boost::system::error_code stopped) {
            if (stopped) return;
            settled_ = true;
            input_.wake();
        });
    }

    RawMode raw_;
    Input input_;
    asio::signal_set resized_;
    asio::steady_timer settle_;
    KeyDecoder decoder_;
    bool size_changed_ = false, settled_ = false, ended_ = false;
};

class PosixLineInput final : public LineInput {
public:
    explicit PosixLineInput(asio::any_io_executor executor) : input_(std::move(executor)) {}

    task<Result<std::optional<std::string>>> next() override {
        std::array<char, 256> buffer{};
        for (;;) {
            auto const end = kept_.find('\n');
            if (end != std::string::npos || (ended_ && !kept_.empty())) {
                auto line = kept_.substr(0, end);
                kept_.erase(0, end == std::string::npos ? end : end + 1);
                if (line.ends_with('\r')) line.pop_back();
                co_return std::optional(std::move(line));
            }
            if (ended_) co_return std::optional<std::string>();
            constexpr std::size_t longest = 64 * 1024;
            if (kept_.size() > longest) co_return Error{Errc::invalid_params, "an answer of more than 64 KiB"};
            auto const count = co_await input_.read(buffer);
            if (!count) co_return count.error();
            ended_ = *count == 0;
            kept_.append(buffer.data(), *count);
        }
    }

private:
    Input input_;
    std::string kept_;
    bool ended_ = false;
};

}  // namespace

bool input_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

std::unique_ptr<Keyboard> open_keyboard(asio::any_io_executor executor) {
    return std::make_unique<PosixKeyboard>(std::move(executor));
}

std::unique_ptr<LineInput> open_line_input(asio::any_io_executor executor) {
    return std::make_unique<PosixLineInput>(std::move(executor));
}

}  // namespace sb::ctl
