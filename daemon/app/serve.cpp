#include "daemon/app/serve.hpp"

#include "common/ipc/listen.hpp"
#include "daemon/app/current_cluster.hpp"
#include "daemon/app/handlers.hpp"
#include "daemon/app/logging.hpp"
#include "daemon/app/no_hooks.hpp"
#include "daemon/app/present.hpp"
#include "daemon/app/signals.hpp"
#include "daemon/app/status_board.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/catalog/local_catalog.hpp"
#include "daemon/control/server.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/hypercore/make_cluster.hpp"
#include "daemon/journal/sqlite_journal.hpp"
#include "daemon/platform/process_limits.hpp"
#include "daemon/platform/real_time.hpp"
#include "daemon/platform/state_lock.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>

namespace sb::app {
namespace {

std::shared_ptr<ports::Cluster> connect_cluster(asio::any_io_executor executor, config::Config const& config, ports::Time& time) {
    auto cluster = hypercore::make_cluster(executor, config.scale, config.smb, time);
    // The last call that uses an adapter after a reload closes its connections.
    auto const close = [](hypercore::ClusterClient* client) {
        client->close();
        delete client;
    };
    return std::shared_ptr<hypercore::ClusterClient>(cluster.release(), close);
}

std::size_t concurrency_of(config::Config const& config) {
    return static_cast<std::size_t>(config.schedule ? config.schedule->concurrency : 3);
}

void log_crash(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& e) {
        spdlog::error("internal error in a background task: {}", e.what());
    }
}

/// What the main coroutine works with; all of it outlives the event loop's run.
struct Parts {
    asio::any_io_executor executor;
    ports::Time& time;
    CurrentCluster& cluster;
    engine::Engine& engine;
    control::Server& server;
    StatusBoard& board;
    Signals& signals;
    TaskGroup& background;
    BlockingPool& file_threads;
    config::Config& config;
    ReadConfig const& read_config_again;
};

void reload(Parts& parts) {
    auto const fresh = parts.read_config_again();
    if (!fresh) {
        spdlog::error("the configuration stays as it was: {}", fresh.error().context);
        return;
    }
    auto const& now = parts.config;
    if (fresh->daemon.socket != now.daemon.socket || fresh->daemon.state_dir != now.daemon.state_dir ||
        fresh->smb.local_path != now.smb.local_path)
        spdlog::warn("Socket, StateDir and LocalPath change with a restart only");
    if (auto const opened = set_up_logging(fresh->daemon); !opened) spdlog::error("{}", opened.error().context);
    parts.cluster.replace(connect_cluster(parts.executor, *fresh, parts.time));
    parts.engine.set_concurrency(concurrency_of(*fresh));
    parts.config = *fresh;
    spdlog::info("the configuration was read again and is in force");
}

task<void> end_old_removals(Parts& parts) {
    auto local_path = parts.config.smb.local_path;
    auto const removed = co_await catalog::empty_trash(parts.file_threads, std::move(local_path));
    if (!removed) spdlog::warn("the trash folder could not be emptied: {}", removed.error().context);
    else if (*removed > 0) spdlog::info("removed {} folders whose removal had been interrupted", *removed);
}

task<Result<void>> run_until_stopped(Parts parts) {
    co_await end_old_removals(parts);
    auto started = co_await parts.engine.start();
    if (started) {
        parts.server.start();
        parts.background.spawn(parts.board.keep_fresh());
        spdlog::info("scale-backupd {} is ready: cluster {}, backups in {}, control endpoint {}", SB_VERSION,
                     parts.cluster.host(), parts.config.smb.local_path.string(), parts.config.daemon.socket.string());
        for (;;) {
            auto const request = co_await parts.signals.next();
            if (request == Request::stop) break;
            reload(parts);
        }
        spdlog::info("stopping; exports that run go on at the cluster and are taken up at the next start");
    }
    parts.server.stop();
    parts.engine.stop();
    parts.background.stop();
    co_await parts.server.join();
    co_await parts.engine.join();
    co_await parts.background.join();
    co_return started;
}

}  // namespace

Result<void> serve(config::Config config, ReadConfig read_config_again) {
    platform::no_core_dumps();  // they would hold the passwords
    platform::raise_file_limit();
    auto const lock = platform::StateLock::take(config.daemon.state_dir);
    if (!lock) return lock.error();

    asio::io_context io{1};
    auto const executor = asio::any_io_executor(io.get_executor());
    platform::RealTime time;
    BlockingPool file_threads{2};
    BlockingPool journal_thread{1};  // one, so that records keep their order

    auto const journal = journal::open_journal(journal_thread, config.daemon.state_dir / "journal.db");
    if (!journal) return journal.error();
    auto const catalog = catalog::make_catalog(file_threads, config.smb.local_path);
    CurrentCluster cluster{connect_cluster(executor, config, time)};

    // The engine tells of changes before the ones who want to know of them can be made.
    control::Server* listeners = nullptr;
    StatusBoard* totals = nullptr;
    auto const on_change = [&listeners, &totals](core::Job const& job) {
        if (listeners != nullptr) listeners->publish({present(job)});
        if (totals != nullptr && job.phase == core::Phase::finished) totals->touch();
    };
    NoHooks hooks;
    engine::Ports const ports{cluster, *catalog, **journal, time, hooks};
    engine::Engine engine{executor, ports, concurrency_of(config), engine::Limits{}, on_change};
    StatusBoard board{engine, *catalog, cluster, time, config.smb.local_path};
    totals = &board;

    auto listener = ipc::listen(executor, {config.daemon.socket, config.daemon.socket_group});
    if (!listener) return listener.error();
    control::Server server{executor, std::move(*listener), control::ServerOptions{}};
    register_handlers(server, engine, board);
    listeners = &server;

    auto const signals = listen_to_signals(executor);
    TaskGroup background{executor, log_crash};

    std::optional<Result<void>> ended;
    auto const note_end = [&](std::exception_ptr failure, Result<void> outcome) {
        if (failure) std::rethrow_exception(failure);
        ended = std::move(outcome);
        signals->close();
        cluster.replace(nullptr);
    };
    Parts const parts{executor, time, cluster, engine, server, board, *signals, background, file_threads, config, read_config_again};
    asio::co_spawn(executor, run_until_stopped(parts), note_end);
    io.run();
    spdlog::info("stopped");
    return *ended;
}

}  // namespace sb::app
