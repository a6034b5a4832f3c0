#include "ctl/session.hpp"

#include "common/json/writer.hpp"
#include "ctl/render/display_width.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <functional>

namespace sb::ctl {

namespace {

/// The cluster's messages may contain anything, so no line but the first looks like one of this program.
std::string escaped_lines(std::string_view text) {
    std::string lines;
    while (true) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        bool const needs_indent = !lines.empty() && !line.starts_with("  ");
        lines += (lines.empty() ? "" : "\n") + std::string(needs_indent ? "  " : "") + escape_controls(line);
        if (end == text.npos) return lines;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

void say_error(Session& session, Error const& error) {
    session.console.say("scale-backupctl: " + escaped_lines(error.context));
}

int report(Session& session, Error const& error) {
    if (session.interrupted) return exit_interrupted;
    say_error(session, error);
    if (session.options.json) {
        json::Writer out;
        out.begin_object().key("error").begin_object();
        out.member("code", name_of(error.code)).member("message", std::string_view(error.context));
        out.end_object().end_object();
        session.console.out << out.take() << '\n';
    }
    return exit_code_of(error.code);
}

int report_failed_start(Session& session, Error const& error, std::string_view what, std::string_view command) {
    int const code = report(session, error);
    bool const unanswered = session.interrupted || error.code == Errc::daemon_unreachable;
    if (unanswered) session.console.say(std::string(what) + " may have started; check with: " + std::string(command));
    return code;
}

namespace {

task<int> run_command(Session& session, Arguments arguments) {
    // An interrupt shows as Errc::cancelled from what is awaited, so that a command can still report it.
    co_await asio::this_coro::throw_if_cancelled(false);
    auto* const command = arguments.command().run;
    task<int> work = command(session, std::move(arguments));
    co_return co_await std::move(work);
}

}  // namespace

int run(Session& session, Arguments arguments) {
    asio::io_context io{1};
    asio::cancellation_signal interrupt;
    asio::signal_set signals(io);
    for (int const ends : ending_signals()) signals.add(ends);
    // A cancellation reaches only what is waited for at that moment. Between two waits it would be lost, so it is
    // repeated until the command has ended.
    asio::steady_timer repeat(io);
    bool ended = false;
    std::function<void()> const interrupt_now = [&] {
        interrupt.emit(asio::cancellation_type::terminal);
        if (ended) return;
        repeat.expires_after(std::chrono::milliseconds(20));
        repeat.async_wait([&](boost::system::error_code stopped) {
            if (!stopped) interrupt_now();
        });
    };
    signals.async_wait([&](boost::system::error_code aborted, int) {
        if (aborted) return;
        session.interrupted = true;
        interrupt_now();
    });
    int code = exit_code_of(Errc::internal);
    std::exception_ptr crash;
    auto done = [&](std::exception_ptr failure, int result) {
        crash = failure;
        code = result;
        ended = true;
        signals.cancel();
        repeat.cancel();
    };
    asio::co_spawn(io, run_command(session, std::move(arguments)),
                   asio::bind_cancellation_slot(interrupt.slot(), done));
    io.run();
    // An operation that was begun after the interrupt ends as an exception; everything else is a bug.
    if (crash && session.interrupted) return exit_interrupted;
    if (crash) std::rethrow_exception(crash);
    return flushed(session, code);
}

int flushed(Session& session, int code) {
    session.console.out.flush();
    if (session.console.out || session.interrupted) return code;
    session.console.say("scale-backupctl: cannot write to stdout");
    return exit_code_of(Errc::io);
}

}  // namespace sb::ctl
