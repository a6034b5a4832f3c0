#pragma once
// The daemon as typed calls over one connection. Notifications that arrive between answers are kept in order.

#include "common/ipc/stream.hpp"
#include "common/rpc/codec.hpp"
#include "common/rpc/framing.hpp"
#include "common/rpc/message.hpp"
#include "common/rpc/methods.hpp"
#include "common/task.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace sb::ctl {

/// One call or one wait at a time. Errors: daemon_unreachable when the connection is lost or the daemon does not
/// answer in time, cancelled after an interrupt, else what the daemon answered.
class Client {
public:
    static task<Result<std::unique_ptr<Client>>> connect(std::string socket);
    /// Over a connected stream.
    explicit Client(std::unique_ptr<ipc::Stream> stream);
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;
    ~Client();

    /// client.call<rpc::Status>(params): name the params first (house rule for co_await). A `file` goes with the call.
    template <class Method>
    task<Result<typename Method::Reply>> call(typename Method::Params params,
                                              std::shared_ptr<ipc::OpenFile> file = nullptr) {
        auto const id = ++last_id_;
        auto text = rpc::request_text(id, Method::name, rpc::encode(params));
        Result<rpc::ServerLine> answer = co_await exchange(id, std::move(text), std::move(file));
        if (!answer) co_return answer.error();
        auto const& response = std::get<rpc::Response>(answer->message);
        if (!response.result) co_return response.result.error();
        co_return rpc::decode_reply<typename Method::Reply>(*response.result);
    }

    /// Waits for the next job.changed, without a time limit.
    task<Result<rpc::JobInfo>> next_job_change();
    /// Those that arrived while calls waited for their answers, in order.
    std::vector<rpc::JobInfo> take_job_changes();

    /// How long a call may take: longer than the daemon itself waits for the cluster.
    void set_call_limit(Milliseconds limit) { call_limit_ = limit; }

private:
    struct Connection;

    task<Result<rpc::ServerLine>> exchange(std::uint64_t id, std::string text, std::shared_ptr<ipc::OpenFile> file);
    task<Result<rpc::ServerLine>> read_answer(std::uint64_t id, std::string text, std::shared_ptr<ipc::OpenFile> file);
    task<Result<rpc::ServerLine>> read_message();
    /// Keeps a job.changed for next_job_change(); others are from a newer daemon and ignored.
    void keep(rpc::Notification const& notification);
    Error lost(Error cause) const;

    std::shared_ptr<Connection> connection_;
    rpc::LineSplitter lines_{rpc::max_reply_line};
    std::deque<rpc::JobInfo> changes_;
    std::uint64_t last_id_ = 0;
    Milliseconds call_limit_{150'000};
};

}  // namespace sb::ctl
