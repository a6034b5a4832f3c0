// From the journal, and then LocalPath, to a daemon that works. What is read of LocalPath is needed before anything is
// ordered or deleted, and before a job gets a number. It may hang: then clients are answered from what the journal
// knows, and the tasks at the cluster are followed, until it returns.
#include "daemon/app/daemon.hpp"
#include "daemon/engine/rebuild_history.hpp"
#include "daemon/app/unread_storage.hpp"
#include "daemon/async/failure.hpp"
#include "daemon/catalog/local_catalog.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <optional>
#include <utility>

namespace sb::app {
namespace {

/// How long clients and the service manager wait for what is read of LocalPath.
constexpr auto reading_patience = std::chrono::seconds(10);

}  // namespace

task<Result<void>> Daemon::live() {
    // In the background: deleting many gigabytes takes time, and running exports wait to be resumed.
    background_.spawn(finish_old_removals());
    auto started = co_await load_journal();
    if (started) {
        background_.spawn(read_storage());
        started = co_await wait_for_storage();
    }
    if (started) {
        server_.start();
        if (reading_) run_in_background();
        else run_until_storage_is_read();
        spdlog::info("scale-backupd {} is ready: cluster {}, backups in {}, control endpoint {}", SB_VERSION,
                     cluster_.host(), config_.smb.local_path.string(), config_.daemon.socket.string());
        co_await report_.ready();
        for (;;) {
            auto const request = co_await signals_->next();
            if (request == Request::stop) break;
            co_await reload_and_report();
        }
        report_.stopping();
        spdlog::info("stopping; running exports continue at the cluster and are resumed at the next start");
    }
    if (started && reading_) started = *reading_;
    co_await stop();
    co_return started;
}

task<Result<void>> Daemon::load_journal() {
    auto loaded = co_await conditions_.load();
    if (!loaded) co_return loaded;
    background_.spawn(storage_watch_.run(conditions_));  // what follows may hang
    loaded = co_await clock_.load();
    if (!loaded) co_return loaded;
    loaded = co_await identity_.load();
    if (!loaded) co_return loaded;
    loaded = co_await trusted_.load();  // what is listed before would be a claim
    if (!loaded) co_return loaded;
    loaded = co_await claims_.load();
    if (!loaded) co_return loaded;
    co_await scheduler_.load_pause();
    co_return co_await verifier_.start();
}

task<Result<void>> Daemon::read_and_resume() {
    auto const running = storage_watch_.begin("reading LocalPath for the start", {});
    co_await load_trash();
    co_await unnamed_.start();
    co_await engine::restore_history(*journal_, *catalog_, identity_);
    auto waiting = unnamed_.waiting();
    co_return co_await engine_.start(std::move(waiting));
}

task<void> Daemon::read_storage() {
    Result<void> outcome = boost::system::in_place_value;
    try {
        outcome = co_await read_and_resume();
    } catch (std::exception const& e) {
        if (is_stop(e)) throw;
        outcome = internal_error(e.what());
    }
    reading_ = outcome;
    board_.set_unread_storage(std::nullopt);
    reading_ended_.poke();
    if (!is_storage_late_) co_return;
    if (!outcome) {
        spdlog::error("the daemon cannot finish its start: {}", outcome.error().context);
        signals_->request_stop();
        co_return;
    }
    spdlog::info("LocalPath has been read; the daemon works again");
    run_in_background();
}

task<Result<void>> Daemon::wait_for_storage() {
    auto const limit = time_.steady_now() + reading_patience;
    while (!reading_ && time_.steady_now() < limit) {
        auto const until = time_.now() + (limit - time_.steady_now());
        co_await reading_ended_.wait_until(until);
    }
    if (!reading_) {
        spdlog::warn("{}", unread_storage_text(started_at_));
        board_.set_unread_storage(unread_storage_text(started_at_));
        auto const following = co_await engine_.follow_before_start();
        if (!following) co_return following;
    }
    if (reading_) co_return *reading_;
    co_return boost::system::in_place_value;
}

/// Nothing of this orders or deletes anything.
void Daemon::run_until_storage_is_read() {
    is_storage_late_ = true;
    background_.spawn(mail_.run());
    background_.spawn(mail_.keep_outbox());
    background_.spawn(identity_.run());
    background_.spawn(report_.keep_reporting());
    background_.spawn(report_unread_storage());
}

/// What is merely slow needs no mail. The schedule takes it back.
task<void> Daemon::report_unread_storage() {
    auto const limit = time_.steady_now() + engine::StorageWatch::slow;
    co_await time_.sleep_until(limit);
    if (!reading_) alerts_.schedule_blocked(ports::Blocked::storage, unread_storage_text(started_at_));
}

Result<void> Daemon::why_not_yet(std::string_view method) const {
    if (reading_ || needs_no_storage(method)) return boost::system::in_place_value;
    return storage_not_read_yet(started_at_);
}

void Daemon::run_in_background() {
    if (!is_storage_late_) {
        background_.spawn(mail_.run());
        background_.spawn(mail_.keep_outbox());
        background_.spawn(identity_.run());
        background_.spawn(report_.keep_reporting());
    }
    background_.spawn(report_old_folders());
    background_.spawn(board_.keep_fresh());
    background_.spawn(check_clock());
    background_.spawn(clock_.run());
    background_.spawn(unnamed_.run());
    background_.spawn(gate_.run());
    background_.spawn(claims_.run());
    background_.spawn(scheduler_.run());
    background_.spawn(verifier_.run());
}

task<void> Daemon::load_trash() {
    auto const loaded = co_await trash_.load();
    if (!loaded) spdlog::warn("the deleted backups cannot be listed: {}", loaded.error().context);
}

task<void> Daemon::finish_old_removals() {
    auto local_path = config_.smb.local_path;
    auto const removed = co_await catalog::empty_trash(write_threads_, std::move(local_path));
    if (!removed) spdlog::warn("the trash folder could not be emptied: {}", removed.error().context);
    else if (*removed > 0) spdlog::info("deleted {} folders whose deletion had been interrupted", *removed);
}

task<Result<std::vector<engine::UnnamedExports::Attempted>>> Daemon::finish_commits(
    engine::UnnamedExports::Accepts accepts) {
    auto const running = storage_watch_.begin("naming finished exports", {});
    auto local_path = config_.smb.local_path;
    auto const finished =
        co_await catalog::finish_commits(write_threads_, std::move(local_path), std::move(accepts), manifest_change_);
    if (!finished) co_return finished.error();
    std::vector<engine::UnnamedExports::Attempted> attempted;
    for (auto const& one : *finished) attempted.push_back({one.landing, one.backup, one.name});
    co_return attempted;
}

}  // namespace sb::app
