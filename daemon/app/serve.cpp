#include "daemon/app/serve.hpp"

#include "daemon/app/access.hpp"
#include "daemon/app/daemon.hpp"
#include "daemon/app/loop_failures.hpp"
#include "daemon/async/failure.hpp"
#include "daemon/catalog/folder_reads.hpp"
#include "daemon/engine/import_checks.hpp"
#include "daemon/journal/sqlite_journal.hpp"
#include "daemon/platform/private_directory.hpp"
#include "daemon/platform/process.hpp"
#include "daemon/platform/state_lock.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

namespace sb::app {
namespace {

/// Without destroying what a thread, or a coroutine that is gone, may still need.
[[noreturn]] void end_process(int code) {
    spdlog::shutdown();
    std::_Exit(code);
}

/// How the daemon's life ended; empty if its coroutine was lost.
using End = std::optional<Result<void>>;

/// Called with the outcome of Daemon::live(). If it is destroyed instead, nothing would ever stop the loop.
class OnEnd {
public:
    OnEnd(asio::io_context& io, End& end) : io_(&io), end_(&end) {}
    OnEnd(OnEnd&& other) noexcept : io_(std::exchange(other.io_, nullptr)), end_(other.end_) {}
    OnEnd& operator=(OnEnd&&) = delete;
    ~OnEnd() {
        if (io_ != nullptr) io_->stop();
    }
    void operator()(std::exception_ptr failure, Result<void> outcome) {
        if (failure) spdlog::critical("{}", internal_error(exception_text(failure)).context);
        else *end_ = std::move(outcome);
        if (!failure) io_ = nullptr;
    }

private:
    asio::io_context* io_;  ///< null: it was called
    End* end_;
};

/// An exception leaves the loop if memory was wanted where no coroutine could catch that: a connection is lost with it,
/// or a timer; it does not end the daemon. Its jobs are in the journal, should it have to start again.
void run_loop(asio::io_context& io) {
    LoopFailures failures;
    for (;;) {
        try {
            io.run();
            return;
        } catch (std::exception const& e) {
            auto const verdict = failures.note(std::chrono::steady_clock::now());
            if (verdict.has_line)
                spdlog::error("the event loop continues after an {}", internal_error(e.what()).context);
            if (!verdict.gives_up) continue;
            spdlog::critical("internal errors follow each other; the daemon ends, to be started again");
            end_process(EXIT_FAILURE);
        }
    }
}

}  // namespace

Result<void> serve(config::Config config, ReadConfig read_config_again) {
    platform::no_core_dumps();  // they would contain the passwords
    platform::raise_file_limit();
    platform::keep_memory_small();
    auto const lock = platform::StateLock::take(config.daemon.state_dir);
    if (!lock) return lock.error();
    if (auto const others = platform::who_else_reads(config.daemon.state_dir); !others.empty())
        spdlog::warn("{}", others);

    asio::io_context io{1};
    BlockingPool file_threads{3 + catalog::FolderReads::most_unanswered};  // those folders may hang
    BlockingPool write_threads{2};  // calls that write may hang while LocalPath can be read
    // Dedicated, with low priority. Each of its users may hang: the verification, the check of backups that the journal
    // does not know, and checks before imports.
    BlockingPool verify_thread{2 + engine::ImportChecks::most_at_a_time};
    BlockingPool journal_thread{1};  // one, so that records keep their order
    auto journal = journal::open_journal(journal_thread, config.daemon.state_dir / "journal.db");
    if (!journal) return journal.error();
    auto access = access_rules(config.daemon);
    if (!access) return access.error();
    auto listeners = listen_to_clients(io.get_executor(), config.daemon);
    if (!listeners) return listeners.error();

    Foundations foundations{file_threads,        write_threads,         verify_thread,
                            std::move(*journal), std::move(*listeners), std::move(*access)};
    Daemon daemon{io.get_executor(), std::move(config), std::move(read_config_again), std::move(foundations)};
    End ended;
    asio::co_spawn(io, daemon.live(), OnEnd(io, ended));
    run_loop(io);
    if (!ended) {
        spdlog::critical("the daemon cannot continue; running exports are resumed at the next start");
        end_process(EXIT_FAILURE);
    }
    spdlog::info("stopped");
    // A thread that still hangs may return while what it uses is destroyed, so the process ends here.
    if (daemon.has_abandoned_threads()) end_process(*ended ? EXIT_SUCCESS : exit_code_of(ended->error().code));
    return *ended;
}

}  // namespace sb::app
