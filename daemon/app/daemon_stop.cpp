// The end of the daemon: its parts stop in order, and a share that hangs keeps none of them for longer than 20 s.

#include "daemon/app/daemon.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <spdlog/spdlog.h>

#include <chrono>

namespace sb::app {

task<void> Daemon::limit_stop() {
    auto const limit = time_.steady_now() + std::chrono::seconds(20);
    co_await time_.sleep_until(limit);
    file_threads_.abandon();
    write_threads_.abandon();
    verify_thread_.abandon();
    media_thread_.abandon();
    long_calls_.abandon();
    inspect_thread_.abandon();
    health_check_.abandon();
    if (has_abandoned_threads())
        spdlog::warn("calls into LocalPath have not returned for 20 s; the daemon stops without waiting for them");
}

task<void> Daemon::give_up_ownership() {
    try {
        co_await owner_.finish();
    } catch (boost::system::system_error const& error) {
        // LocalPath hangs, see limit_stop(). Another installation takes over when the file stays the same.
        if (error.code() != asio::error::operation_aborted) throw;
    }
}

bool Daemon::has_abandoned_threads() const {
    return file_threads_.has_abandoned() || write_threads_.has_abandoned() || verify_thread_.has_abandoned() ||
           media_thread_.has_abandoned() || long_calls_.has_abandoned() || inspect_thread_.has_abandoned() ||
           health_check_.has_abandoned() || folder_reads_->is_busy();
}

task<void> Daemon::stop() {
    server_.stop();
    long_calls_.stop();
    health_check_.stop();
    operations_.stop();
    mail_.stop();
    background_.stop();
    engine_.stop();
    stop_limit_.spawn(limit_stop());
    co_await server_.join();
    co_await long_calls_.join();
    co_await health_check_.join();
    co_await operations_.join();
    co_await background_.join();
    co_await engine_.join();
    co_await clock_.finish();
    co_await give_up_ownership();
    co_await conditions_.finish();
    co_await mail_.finish();  // no alert can come any longer
    stop_limit_.stop();
    co_await stop_limit_.join();
    cluster_.replace(nullptr);
    disks_.replace(nullptr);
    signals_->close();
}

}  // namespace sb::app
