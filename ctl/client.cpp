#include "ctl/client.hpp"

#include "common/ipc/connect.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <iterator>

namespace sb::ctl {

/// Shared with the timer's handler, which may run after the client is gone.
struct Client::Connection {
    std::unique_ptr<ipc::Stream> stream;
    bool out_of_time = false;
    std::array<char, 16 * 1024> input{};
};

task<Result<std::unique_ptr<Client>>> Client::connect(std::string socket) {
    Result<std::unique_ptr<ipc::Stream>> stream = co_await ipc::connect(std::move(socket));
    if (!stream) co_return stream.error();
    co_return std::make_unique<Client>(std::move(*stream));
}

Client::Client(std::unique_ptr<ipc::Stream> stream) : connection_(std::make_shared<Connection>()) {
    connection_->stream = std::move(stream);
}

Client::~Client() { connection_->stream->close(); }

Error Client::lost(Error cause) const {
    if (connection_->out_of_time) {
        auto const limit = std::to_string(std::chrono::ceil<std::chrono::seconds>(call_limit_).count());
        return {Errc::daemon_unreachable, "scale-backupd did not answer within " + limit + " seconds"};
    }
    if (cause.code == Errc::cancelled) return cause;
    return {Errc::daemon_unreachable, "the connection to scale-backupd was lost: " + cause.context};
}

task<Result<rpc::ServerLine>> Client::exchange(std::uint64_t id, std::string text,
                                               std::shared_ptr<ipc::OpenFile> file) {
    asio::steady_timer timer(co_await asio::this_coro::executor, call_limit_);
    auto out_of_time = [connection = connection_](boost::system::error_code aborted) {
        if (aborted) return;
        connection->out_of_time = true;
        connection->stream->close();
    };
    timer.async_wait(std::move(out_of_time));
    co_return co_await read_answer(id, std::move(text), std::move(file));
}

task<Result<rpc::ServerLine>> Client::read_answer(std::uint64_t id, std::string text,
                                                  std::shared_ptr<ipc::OpenFile> file) {
    std::string line = rpc::as_line(std::move(text));
    Result<void> sent;
    if (file) sent = co_await connection_->stream->write_all_with(std::move(line), std::move(file));
    else sent = co_await connection_->stream->write_all(std::move(line));
    if (!sent) {
        // The daemon may have written why it closed the connection.
        Result<rpc::ServerLine> reason = co_await read_message();
        if (reason && std::holds_alternative<rpc::Response>(reason->message)) co_return reason;
        co_return lost(sent.error());
    }
    for (;;) {
        Result<rpc::ServerLine> answer = co_await read_message();
        if (!answer) co_return answer.error();
        if (auto const* notification = std::get_if<rpc::Notification>(&answer->message)) {
            keep(*notification);
            continue;
        }
        auto const& response = std::get<rpc::Response>(answer->message);
        // Without an id it answers the only call in progress: the daemon could not read it.
        if (!response.id || *response.id == id) co_return answer;
    }
}

task<Result<rpc::ServerLine>> Client::read_message() {
    for (;;) {
        if (auto const line = lines_.next_line()) co_return rpc::parse_server_line(*line);
        if (lines_.too_long()) co_return Error{Errc::malformed, "scale-backupd sent a message that is too long"};
        Result<std::size_t> count = co_await connection_->stream->read_some(connection_->input);
        if (!count) co_return lost(count.error());
        if (*count == 0) co_return lost(Error{Errc::unreachable, "the daemon closed it"});
        lines_.feed(std::string_view(connection_->input.data(), *count));
    }
}

task<Result<rpc::JobInfo>> Client::next_job_change() {
    while (changes_.empty()) {
        Result<rpc::ServerLine> line = co_await read_message();
        if (!line) co_return line.error();
        if (auto const* notification = std::get_if<rpc::Notification>(&line->message)) keep(*notification);
    }
    auto job = std::move(changes_.front());
    changes_.pop_front();
    co_return job;
}

std::vector<rpc::JobInfo> Client::take_job_changes() {
    std::vector<rpc::JobInfo> taken(std::make_move_iterator(changes_.begin()), std::make_move_iterator(changes_.end()));
    changes_.clear();
    return taken;
}

void Client::keep(rpc::Notification const& notification) {
    if (notification.method != rpc::JobChanged::name) return;
    auto change = rpc::decode_reply<rpc::JobChanged::Params>(notification.params);
    if (change) changes_.push_back(std::move(change->job));
}

}  // namespace sb::ctl
