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

task<void> wait_for(asio::steady_timer& event) {
    boost::system::error_code woken;
    co_await event.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

std::function<std::shared_ptr<ipc::OpenFile>()> take_file_from(std::weak_ptr<ipc::Stream> stream) {
    return [stream = std::move(stream)] {
        auto const open = stream.lock();
        return open ? open->take_file() : nullptr;
    };
}

std::function<bool()> is_gone_at(std::weak_ptr<ipc::Stream> stream) {
    return [stream = std::move(stream)] {
        auto const open = stream.lock();
        return !open || open->is_peer_gone();
    };
}

/// Answers that wait to be read, counted to their user.
class UnreadAnswers {
public:
    UnreadAnswers(CallLimits& limits, CallLimits::User user) : limits_(limits), user_(user) {}
    UnreadAnswers(UnreadAnswers const&) = delete;
    UnreadAnswers& operator=(UnreadAnswers const&) = delete;
    ~UnreadAnswers() { limits_.release(user_, bytes_); }
    void add(std::size_t bytes) {
        bytes_ += bytes;
        limits_.hold(user_, bytes);
    }

private:
    CallLimits& limits_;
    CallLimits::User user_;
    std::size_t bytes_ = 0;
};

}  // namespace

Session::Session(asio::any_io_executor executor, ipc::Connection connection, Rank rank, HandlerTable& handlers,
                 ServerOptions const& options)
    : to_write_(executor, asio::steady_timer::time_point::max()),
      written_(executor, asio::steady_timer::time_point::max()),
      write_limit_{asio::steady_timer(executor)},
      farewell_limit_{asio::steady_timer(executor)},
      departure_check_(executor),
      stream_(std::move(connection.stream)),
      caller_{connection.peer, take_file_from(stream_), is_gone_at(stream_), rank, std::make_shared<Departure>()},
      handlers_(handlers),
      options_(options),
      outbox_(options.max_waiting_jobs) {
    stream_->accept_files(rank >= Rank::admin);
}

// ---- reading --------------------------------------------------------------------------------------

/// However a half ends, also without being resumed, the other one learns it.
class Session::HalfEnd {
public:
    HalfEnd(Session& session, void (Session::*on_end)()) : session_(session), on_end_(on_end) {}
    HalfEnd(HalfEnd const&) = delete;
    HalfEnd& operator=(HalfEnd const&) = delete;
    ~HalfEnd() { (session_.*on_end_)(); }

private:
    Session& session_;
    void (Session::*on_end_)();
};

task<void> Session::read(std::shared_ptr<Session> self) {
    HalfEnd const end_of_reading(*self, &Session::end);
    co_await self->read_requests();
}

task<void> Session::read_requests() {
    std::array<char, 4096> buffer{};
    rpc::LineSplitter lines{options_.max_request_line};
    for (;;) {
        while (auto line = lines.next_line()) {
            if (is_blank(*line)) continue;
            co_await answer_line(std::move(*line));
            if (closed_) co_return;
        }
        if (lines.too_long()) {
            co_await refuse_long_line();
            co_return;
        }
        // A file belongs to the request that it came with. If that did not want one, it is closed now.
        if (lines.is_empty()) stream_->take_file();
        auto const count = co_await stream_->read_some(buffer);
        if (!count) co_return;
        if (*count == 0) break;
        lines.feed(std::string_view(buffer.data(), *count));
    }
    // The client closed its sending side; a last line without its newline (`printf '{…}' | nc -NU`) is answered as
    // well.
    auto rest = lines.take_rest();
    if (!is_blank(rest)) co_await answer_line(std::move(rest));
}

task<void> Session::answer_line(std::string line) {
    answering_ = true;
    auto const now = std::chrono::steady_clock::now();
    auto const admitted = handlers_.limits().admit_line(caller_.peer.uid, caller_.rank, line.size(), now);
    if (admitted) {
        co_await answer_request(std::move(line));
    } else {
        // Not even read, so it costs next to nothing; without an id it answers the client's only call.
        log("too many calls", admitted.error().context);
        outbox_.respond(rpc::error_text("null", rpc::fault_of(admitted.error())));
        to_write_.cancel();
        co_await answers_written();
    }
    answering_ = false;
    last_asked_ = std::chrono::steady_clock::now();
}

task<void> Session::answer_request(std::string line) {
    auto request = rpc::parse_request_line(line);
    auto const more_calls = request.calls.size() - 1;  // there is one at least
    handlers_.limits().charge_calls(caller_.peer.uid, caller_.rank, more_calls, std::chrono::steady_clock::now());
    UnreadAnswers unread(handlers_.limits(), caller_.peer.uid);
    std::vector<std::string> responses;
    std::size_t bytes = 0;
    for (auto& item : request.calls) {
        if (auto const* bad = std::get_if<rpc::BadCall>(&item)) {
            responses.push_back(rpc::error_text(bad->id, bad->fault));
            continue;
        }
        auto call = std::get<rpc::Call>(std::move(item));
        bool const wants_answer = call.id.has_value();
        if (auto const why = why_no_more_answers(bytes); wants_answer && why) {
            responses.push_back(rpc::error_text(*call.id, *why));
            continue;
        }
        auto response = co_await answer_call(std::move(call));
        bytes += response.size();
        unread.add(response.size());
        auto const now = std::chrono::steady_clock::now();
        handlers_.limits().charge(caller_.peer.uid, caller_.rank, response.size(), now);
        if (wants_answer) responses.push_back(std::move(response));
        if (closed_) break;
    }
    if (request.batch && !responses.empty()) outbox_.respond(rpc::batch_text(responses));
    else if (!responses.empty()) outbox_.respond(std::move(responses.front()));
    responses = {};  // not kept beside the batch while a slow client reads that
    outbox_.release();
    to_write_.cancel();
    co_await answers_written();
}

std::optional<rpc::Fault> Session::why_no_more_answers(std::size_t bytes_of_batch) const {
    if (bytes_of_batch >= options_.max_batch_bytes)
        return rpc::fault_of(
            Error{Errc::refused,
                  "the answers of this batch are too large, so this call was not made; send the calls one by one"});
    // Other sessions of the same user may have got large answers since this line was read.
    auto const reads = handlers_.limits().check_unread(caller_.peer.uid, caller_.rank);
    return reads ? std::nullopt : std::optional(rpc::fault_of(reads.error()));
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
    watch_departure();
    auto caller = caller_;
    if (!call.id) caller.is_gone = Caller().is_gone;  // it may leave immediately: no answer is sent
    auto const answer = co_await handlers_.call(std::move(call), std::move(caller));
    departure_check_.cancel();
    if (answer.result) co_return rpc::result_text(id, *answer.result);
    if (subscribes) outbox_.unsubscribe_last();
    co_return rpc::error_text(id, answer.fault);
}

void Session::watch_departure() {
    departure_check_.expires_after(options_.departure_check);
    auto check = [weak = weak_from_this()](boost::system::error_code stopped) {
        auto const self = weak.lock();
        if (stopped || !self || self->closed_) return;
        if (self->stream_->is_peer_gone()) self->caller_.departure->happen();
        else self->watch_departure();
    };
    departure_check_.async_wait(std::move(check));
}

task<void> Session::answers_written() {
    while (!closed_ && (outbox_.has_answers() || sending_)) co_await wait_for(written_);
}

task<void> Session::refuse_long_line() {
    auto const limit = std::to_string(options_.max_request_line);
    log("too long a line", "sent a line of more than " + limit + " bytes: disconnected");
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
    HalfEnd const end_of_writing(*self, &Session::close_stream);
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

Place Session::place() const {
    Place place{caller_.rank, caller_.peer.uid};
    bool const busy = closed_ || ended_ || answering_ || sending_ || outbox_.subscribed();
    if (!busy) place.idle_since = last_asked_;
    return place;
}

void Session::log(std::string_view kind, std::string_view what) {
    auto const turn = handlers_.peer_log().turn(caller_.peer, kind, std::chrono::steady_clock::now());
    if (turn.has_line) spdlog::warn("control: {}: {}{}", describe(caller_.peer), what, left_out_text(turn.left_out));
}

void Session::drop(std::string_view why) {
    bool const was_open = !closed_;
    close_stream();
    if (!why.empty() && was_open) log("disconnected", "disconnected: " + std::string(why));
}

void Session::close_stream() {
    closed_ = true;
    departure_check_.cancel();
    caller_.departure->happen();
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
