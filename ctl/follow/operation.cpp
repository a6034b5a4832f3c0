#include "ctl/follow/operation.hpp"

#include "ctl/follow/progress.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/follow/progress_line.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace sb::ctl {
namespace {

/// One line that is drawn over on a terminal, else a line for each change of phase and each 10 %.
class OperationView {
public:
    /// `console` must outlive it.
    OperationView(Console& console, std::string name) : console_(console), name_(std::move(name)) {}
    ~OperationView() { finish(); }
    OperationView(OperationView const&) = delete;
    OperationView& operator=(OperationView const&) = delete;

    void show(rpc::OperationInfo const& operation);
    /// Leaves the terminal clean.
    void finish();

private:
    void print_line(rpc::OperationInfo const& operation);

    Console& console_;
    std::string name_;
    Throughput throughput_;
    LiveLines lines_;
    std::string last_phase_;
    int last_tens_ = 0;
};

void OperationView::show(rpc::OperationInfo const& operation) {
    if (operation.state != "running") return;
    auto const now = console_.steady_now();
    throughput_.observe(now, operation.done_bytes);
    auto const& terminal = console_.terminal;
    if (!terminal.err || !terminal.can_draw || !terminal.width) return print_line(operation);
    // The last column stays free: some terminals wrap as soon as it is written.
    auto const width = std::max<std::size_t>(2, terminal.width()) - 1;
    auto const line = operation_line(name_, operation, throughput_.forecast(now, operation.total_bytes), width);
    console_.err << lines_.redraw({line}) << std::flush;
}

void OperationView::print_line(rpc::OperationInfo const& operation) {
    bool const counted = operation.phase == "uploading" && operation.total_bytes > 0;
    auto const share =
        counted ? static_cast<double>(operation.done_bytes) / static_cast<double>(operation.total_bytes) : 0.0;
    int const tens = static_cast<int>(share * 10);
    if (operation.phase == last_phase_ && tens <= last_tens_) return;
    last_phase_ = operation.phase;
    last_tens_ = tens;
    auto line = escape_controls(name_) + ": " + phase_text(operation);
    if (counted) line += " " + std::to_string(tens * 10) + " %";
    console_.say(line);
}

void OperationView::finish() { console_.err << lines_.erase() << std::flush; }

}  // namespace

task<Result<rpc::OperationInfo>> follow_operation(Session& session, Client& client, rpc::OperationInfo operation,
                                                  std::string name) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    OperationView view(session.console, std::move(name));
    boost::system::error_code aborted;
    rpc::GetOperation::Params params;
    params.operation = operation.id;
    for (;;) {
        view.show(operation);
        if (operation.state != "running") co_return operation;
        timer.expires_after(session.retry.pause);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, aborted));
        if (session.interrupted) co_return Error{Errc::cancelled, "interrupted"};
        Result<rpc::GetOperation::Reply> reply = co_await client.call<rpc::GetOperation>(params);
        if (!reply) co_return reply.error();
        operation = std::move(reply->operation);
    }
}

}  // namespace sb::ctl
