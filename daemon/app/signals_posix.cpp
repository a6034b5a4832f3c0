#include "daemon/app/signals.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <signal.h>

#include <csignal>

namespace sb::app {
namespace {

void change_mask_of_reloads(int how) {
    sigset_t reloads;
    sigemptyset(&reloads);
    sigaddset(&reloads, SIGHUP);
    ::pthread_sigmask(how, &reloads, nullptr);
}

class PosixSignals final : public Signals {
public:
    explicit PosixSignals(asio::any_io_executor executor) : set_(executor, SIGTERM, SIGINT, SIGHUP) {}

    task<Request> next() override {
        int const number = co_await set_.async_wait(asio::use_awaitable);
        co_return number == SIGHUP ? Request::reload : Request::stop;
    }
    void close() override {
        boost::system::error_code ignored;
        set_.cancel(ignored);
    }
    void request_stop() override { std::raise(SIGTERM); }

private:
    asio::signal_set set_;
};

}  // namespace

void hold_reloads() { change_mask_of_reloads(SIG_BLOCK); }

std::unique_ptr<Signals> listen_to_signals(asio::any_io_executor executor) {
    std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of one write
    auto signals = std::make_unique<PosixSignals>(executor);
    change_mask_of_reloads(SIG_UNBLOCK);
    return signals;
}

}  // namespace sb::app
