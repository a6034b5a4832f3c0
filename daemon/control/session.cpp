#include "daemon/control/session.hpp"

#include "common/text/ascii.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <exception>

namespace sb::control {
namespace {

constexpr std::size_t piece_size = 64UL * 1024;

bool is_blank(std::string_view line) { return trimmed(line, spaces_and_line_ends).empty(); }

rpc::Fault too_large() {
    return rpc::fault_of(
        Error{Errc::refused,
              "the answers of this batch are too large, so this call was not made; send the calls one by one"});
}

task<void> wait_for(asio::steady_timer& event) {
    boost::system::error_code woken;
    co_await event.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace

Session::Session(asio::any_io_executor executor, ipc::Connection connection, HandlerTable const& handlers,
                 ServerOptions const& options)
    : to_write_(executor, asio::steady_timer::time_point::max()),
      written_(executor, asio::steady_timer::time_point::max()),
      write_limit_{asio::steady_timer(executor)},
      farewell_limit_{asio::steady_timer(executor)},
      stream_(std::move(connection.stream)),
      caller_{connection.peer, [stream = stream_.get()] { return stream->take_file(); },
              [stream = stream_.get()] { return stream->is_peer_gone(); }},
      handlers_(handlers),
      options_(options),
      outbox_(options.max_waiting_jobs) {}

// ---- reading --------------------------------------------------------------------------------------

task<void> Session::read(std::shared_ptr<Session> self) {
    std::exception_ptr crash;
    try {
        co_await self->read_requests();
    } catch (...) {
        crash = std::current_exception();
    }
    self->end();
    if (crash) std::rethrow_exception(crash);
}

task<void> Session::read_requests() {
    std::array<char, 4096> buffer{};
    rpc::LineSplitter lines{options_.max_request_line};
    for (;;) {
        while (auto line = lines.next_line()) {
            co_await answer_line(std::move(*line));
            if (closed_) co_return;
        }
        if (lines.too_long()) {
            co_await refuse_long_line();
            co_return;
        }
        auto const count = co_await stream_->read_some(buffer);
        if (!count) co_return;
        if (*count == 0) break;
        lines.feed(std::string_view(buffer.data(), *count));
    }
    // The client closed its sending side; a last line without its newline (`printf '{…}' | nc -NU`) is answered as
    // well.
    co_await answer_line(lines.take_rest());
}

task<void> Session::answer_line(std::string line) {
    if (is_blank(line)) co_return;
    answering_ = true;
    auto request = rpc::parse_request_line(line);
    std::vector<std::string> responses;
    std::size_t bytes = 0;
    for (auto& item : request.calls) {
        if (auto const* bad = std::get_if<rpc::BadCall>(&item)) {
            responses.push_back(rpc::error_text(bad->id, bad->fault));
            continue;
        }
        auto call = std::get<rpc::Call>(std::move(item));
        bool const wants_answer = call.id.has_value();
        if (wants_answer && bytes >= options_.max_batch_bytes) {
            responses.push_back(rpc::error_text(*call.id, too_large()));
            continue;
        }
        auto response = co_await answer_call(std::move(call));
        bytes += response.size();
        if (wants_answer) responses.push_back(std::move(response));
        if (closed_) break;
    }
    if (request.batch && !responses.empty()) outbox_.respond(rpc::batch_text(responses));
    else if (!responses.empty()) outbox_.respond(std::move(responses.front()));
    responses = {};  // not kept beside the batch while a slow client reads that
    outbox_.release();
    to_write_.cancel();
    co_await answers_written();
    answering_ = false;
    last_asked_ = std::chrono::steady_clock::now();
}

task<std::string> Session::answer_call(rpc::Call call) {
    auto const id = call.id.value_or("null");
    bool const subscribes = call.method == rpc::SubscribeJobs::name;
    if (subscribes) {
        auto const params = rpc::decode<rpc::SubscribeJobs::Params>(call.params);
        // Before the handler reads the current state: changes in between are kept for later.
        auto const subscribed = params ? outbox_.subscribe(params->job) : Result<void>(params.error());
        if (!subscribed) co_return rpc::error_text(id, rpc::fault_of(subscribed.error()));
    }
    auto caller = caller_;
    if (!call.id) caller.is_gone = Caller().is_gone;  // it may leave immediately: no answer is sent
    auto const answer = co_await handlers_.call(std::move(call), std::move(caller));
    if (answer.result) co_return rpc::result_text(id, *answer.result);
    if (subscribes) outbox_.unsubscribe_last();
    co_return rpc::error_text(id, answer.fault);
}

task<void> Session::answers_written() {
    while (!closed_ && (outbox_.has_answers() || sending_)) co_await wait_for(written_);
}

task<void> Session::refuse_long_line() {
    auto const limit = std::to_string(options_.max_request_line);
    spdlog::warn("control: {} sent a line of more than {} bytes: disconnected", describe(caller_.peer), limit);
    rpc::Fault const fault{rpc::invalid_request, "a request may be at most " + limit + " bytes long", {}};
    outbox_.respond(rpc::error_text("null", fault));
    to_write_.cancel();
    co_await answers_written();
    // Closing now could disconnect the client while it still writes, before it reads the reason.
    arm(&Session::farewell_limit_, options_.farewell, {});
    std::array<char, 4096> unread{};
    for (;;) {
        auto const count = co_await stream_->read_some(unread);
        if (!count || *count == 0) break;
    }
    disarm(&Session::farewell_limit_);
}

void Session::end() {
    ended_ = true;
    to_write_.cancel();
}

// ---- writing --------------------------------------------------------------------------------------

task<void> Session::write(std::shared_ptr<Session> self) {
    while (!self->closed_) {
        auto text = self->outbox_.take_next();
        if (!text && self->ended_) break;
        if (!text) {
            co_await wait_for(self->to_write_);
            continue;
        }
        bool sent = false;
        self->sending_ = true;
        co_await self->send(std::move(text), sent);
        self->sending_ = false;
        if (!sent) break;
        self->written_.cancel();
    }
    self->close_stream();
}

task<void> Session::send(Text text, bool& sent) {
    for (std::size_t at = 0; at < text->size() + 1; at += piece_size) {
        auto piece = text->substr(std::min(at, text->size()), piece_size);
        if (at + piece_size > text->size()) piece += '\n';
        arm(&Session::write_limit_, options_.write_patience, "it does not read its answers");
        auto const written = co_await stream_->write_all(std::move(piece));
        disarm(&Session::write_limit_);
        if (!written) co_return;
    }
    sent = true;
}

void Session::notify(JobId job, Text const& text) {
    if (closed_) return;
    if (!outbox_.notify(job, text)) return drop("it has too many unread notifications");
    to_write_.cancel();
}

// ---- ending ---------------------------------------------------------------------------------------

std::optional<std::chrono::steady_clock::time_point> Session::idle_since() const {
    bool const busy = closed_ || ended_ || answering_ || sending_ || outbox_.subscribed();
    if (busy) return std::nullopt;
    return last_asked_;
}

void Session::drop(std::string_view why) {
    if (!why.empty() && !closed_) spdlog::warn("control: {} disconnected: {}", describe(caller_.peer), why);
    close_stream();
}

void Session::close_stream() {
    closed_ = true;
    disarm(&Session::write_limit_);
    disarm(&Session::farewell_limit_);
    stream_->close();
    to_write_.cancel();
    written_.cancel();
}

void Session::arm(Limit Session::*which, std::chrono::milliseconds patience, std::string why) {
    auto& limit = this->*which;
    auto expired = [weak = weak_from_this(), which, mine = ++limit.armed,
                    why = std::move(why)](boost::system::error_code stopped) {
        auto const self = weak.lock();
        if (!stopped && self && (*self.*which).armed == mine) self->drop(why);
    };
    limit.timer.expires_after(patience);
    limit.timer.async_wait(std::move(expired));
}

void Session::disarm(Limit Session::*which) {
    auto& limit = this->*which;
    ++limit.armed;
    limit.timer.cancel();
}

}  // namespace sb::control
