#pragma once
// One client's connection: a reader that answers its requests one after the other, and a writer that sends what
// the outbox holds. The reader takes the next request only after the answer is written, so a client that sends without
// reading delays only itself. Nothing here waits for another session.

#include "common/rpc/framing.hpp"
#include "daemon/control/handler_table.hpp"
#include "daemon/control/outbox.hpp"
#include "daemon/control/places.hpp"
#include "daemon/control/server_options.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sb::control {

class Session : public std::enable_shared_from_this<Session> {
public:
    /// `rank` is not that of a stranger.
    Session(asio::any_io_executor executor, ipc::Connection connection, Rank rank, HandlerTable& handlers,
            ServerOptions const& options);
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    /// The two halves. Both keep the session alive; when one ends, so does the other.
    static task<void> read(std::shared_ptr<Session> self);
    static task<void> write(std::shared_ptr<Session> self);

    void notify(JobId job, Text const& text);
    bool wants(JobId job) const { return !closed_ && outbox_.wants(job); }
    bool closed() const { return closed_; }

    /// Whose place this is, and since when the client has been idle: no call, no subscription.
    Place place() const;
    /// Whether its client has gone before it got its answer.
    bool is_abandoned() const { return answering_ && !closed_ && stream_->is_peer_gone(); }

    /// Ends the session immediately; `why` goes to the log.
    void drop(std::string_view why);

private:
    class HalfEnd;
    task<void> read_requests();
    task<void> answer_line(std::string line);
    task<void> answer_request(std::string line);
    task<std::string> answer_call(rpc::Call call);  ///< the response's text, also for calls without an id
    /// Why a further call of a line is not made; nothing = it is.
    std::optional<rpc::Fault> why_no_more_answers(std::size_t bytes_of_batch) const;
    task<void> answers_written();
    task<void> refuse_long_line();
    task<void> send(Text text, bool& sent);
    void end();  ///< stops reading requests; the writer sends what is queued, then closes

    /// One line a minute for each kind of event.
    void log(std::string_view kind, std::string_view what);
    /// While a call is in progress: tells its handler when the client has left.
    void watch_departure();

    /// A time limit on one of the halves.
    struct Limit {
        asio::steady_timer timer;
        std::uint64_t armed = 0;  ///< identifies a limit that was disarmed while its timer's handler was queued
    };

    void close_stream();
    /// Ends the session unless the limit is disarmed within `patience`. An empty `why` is not logged.
    void arm(Limit Session::*which, std::chrono::milliseconds patience, std::string why);
    void disarm(Limit Session::*which);

    asio::steady_timer to_write_;  ///< never expires: the writer's event
    asio::steady_timer written_;   ///< never expires: the reader's event
    Limit write_limit_;
    Limit farewell_limit_;
    asio::steady_timer departure_check_;
    std::shared_ptr<ipc::Stream> stream_;  ///< what a handler keeps of its caller refers to it weakly
    Caller caller_;
    HandlerTable& handlers_;
    ServerOptions const& options_;
    Outbox outbox_;
    std::chrono::steady_clock::time_point last_asked_ = std::chrono::steady_clock::now();
    bool answering_ = false;
    bool sending_ = false;
    bool ended_ = false;   ///< by the reader
    bool closed_ = false;  ///< the stream is
};

}  // namespace sb::control
