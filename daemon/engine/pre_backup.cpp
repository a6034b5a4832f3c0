// A backup's PreBackup hook may run for hours, and it holds a slot. It is stopped when its job is cancelled or no
// longer wanted by the schedule, and when a reload removes or replaces it.
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <exception>
#include <utility>

namespace sb::engine {

using namespace core;

struct Engine::HookEnd {
    Event event = HookDone();
    std::exception_ptr bug;
};

/// Its bug, if it has one, is thrown by run_pre_backup(): an exception here would not end the wait beside it.
task<void> Engine::run_hook(LiveJob& live, HookEnd& end) {
    try {
        end.event = co_await actions_.perform(Action::run_pre_hook, live);
    } catch (...) {
        end.bug = std::current_exception();
    }
}

/// A withdrawal because of the VM's tag comes from withdraw_unwanted().
task<void> Engine::wait_until_needless(LiveJob& live, std::string command) {
    constexpr Milliseconds check_every = std::chrono::seconds(1);
    while (!live.job.cancel_requested && ports_.hooks.command(HookKind::pre_backup) == command) {
        if (!live.withdrawn) live.withdrawn = why_unwanted(live.job, nullptr);
        if (live.withdrawn) co_return;
        auto const next = ports_.time.steady_now() + check_every;
        co_await ports_.time.sleep_until(next);
    }
}

task<Event> Engine::run_pre_backup(LiveJob& live) {
    using namespace asio::experimental::awaitable_operators;
    for (;;) {
        auto command = ports_.hooks.command(HookKind::pre_backup);
        if (command.empty()) co_return HookDone();
        live.hook_since = ports_.time.now();
        HookEnd end;
        auto running = run_hook(live, end);
        auto waiting = wait_until_needless(live, std::move(command));
        auto const first = co_await (std::move(running) || std::move(waiting));
        live.hook_since.reset();
        bool const has_ended = first.index() == 0;
        if (has_ended && end.bug) std::rethrow_exception(end.bug);
        if (has_ended) co_return std::move(end.event);
        if (live.job.cancel_requested || live.withdrawn) {
            spdlog::info("job {}: PreBackup was stopped: {}", live.job.id,
                         live.withdrawn ? live.withdrawn->context : std::string("the job was cancelled"));
            co_return Withdrawn{live.withdrawn};
        }
        spdlog::warn("job {}: PreBackup was changed by a reload; the one that ran was stopped", live.job.id);
    }
}

std::vector<RunningHook> Engine::running_hooks() const {
    std::vector<RunningHook> hooks;
    for (auto const& [id, live] : live_)
        if (live->hook_since) hooks.push_back({id, live->job.vm_name, *live->hook_since});
    return hooks;
}

}  // namespace sb::engine
