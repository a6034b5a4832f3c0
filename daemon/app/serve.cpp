#include "daemon/app/serve.hpp"

#include "daemon/app/access.hpp"
#include "daemon/app/daemon.hpp"
#include "daemon/catalog/folder_reads.hpp"
#include "daemon/engine/import_checks.hpp"
#include "daemon/journal/sqlite_journal.hpp"
#include "daemon/platform/process.hpp"
#include "daemon/platform/state_lock.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <optional>

namespace sb::app {

Result<void> serve(config::Config config, ReadConfig read_config_again) {
    platform::no_core_dumps();  // they would contain the passwords
    platform::raise_file_limit();
    platform::keep_memory_small();
    auto const lock = platform::StateLock::take(config.daemon.state_dir);
    if (!lock) return lock.error();

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
    bool const by_credentials = access->read_group.has_value();
    auto listener = ipc::listen(io.get_executor(), {config.daemon.socket, config.daemon.socket_group, by_credentials});
    if (!listener) return listener.error();

    Foundations foundations{file_threads,        write_threads,        verify_thread,
                            std::move(*journal), std::move(*listener), std::move(*access)};
    Daemon daemon{io.get_executor(), std::move(config), std::move(read_config_again), std::move(foundations)};
    std::optional<Result<void>> ended;
    auto const on_end = [&ended](std::exception_ptr failure, Result<void> outcome) {
        if (failure) std::rethrow_exception(failure);
        ended = std::move(outcome);
    };
    asio::co_spawn(io, daemon.live(), on_end);
    io.run();
    spdlog::info("stopped");
    // A thread that still hangs may return while what it uses is destroyed, so the process ends here.
    if (daemon.has_abandoned_threads()) {
        spdlog::shutdown();
        std::_Exit(*ended ? EXIT_SUCCESS : exit_code_of(ended->error().code));
    }
    return *ended;
}

}  // namespace sb::app
