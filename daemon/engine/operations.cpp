#include "daemon/engine/operations.hpp"

#include "daemon/async/failure.hpp"

#include <boost/system/system_error.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {
namespace {

constexpr std::size_t max_running = 4;
constexpr std::size_t max_remembered = 32;
constexpr std::chrono::seconds check_interval{1};

}  // namespace

struct Operations::Entry {
    Entry(asio::any_io_executor executor, OperationOptions with)
        : terms(std::move(with)), work(executor, ignore), watcher(executor, ignore) {}

    static void ignore(std::exception_ptr) {}  // run() has handled it

    OperationOptions terms;
    std::shared_ptr<Operation> operation = std::make_shared<Operation>();
    SteadyTime asked{};
    TaskGroup work, watcher;

    bool running() const { return operation->state == OperationState::running; }
    bool gone() const { return work.empty() && watcher.empty(); }
};

Operations::~Operations() = default;

Result<Operation> Operations::start(OperationOptions terms, OperationWork work) {
    if (stopping_) return Error{Errc::refused, "the daemon is stopping"};
    forget_old();
    auto const running = std::ranges::count_if(entries_, [](auto const& each) { return each->running(); });
    if (static_cast<std::size_t>(running) >= max_running)
        return Error{Errc::refused,
                     std::to_string(running) + " uploads and clones are already running; wait until one has finished"};
    auto const entry = std::make_shared<Entry>(executor_, std::move(terms));
    entry->operation->id = ++last_id_;
    entry->operation->kind = entry->terms.kind;
    entry->asked = time_.steady_now();
    entries_.push_back(entry);
    entry->work.spawn(run(entry, std::move(work)));
    if (entry->terms.abandon_after && entry->running()) entry->watcher.spawn(watch(entry, time_));
    return *entry->operation;
}

task<void> Operations::run(std::shared_ptr<Entry> entry, OperationWork work) {
    std::exception_ptr crash;
    Result<void> outcome;
    try {
        outcome = co_await work(entry->operation);
    } catch (boost::system::system_error const& stopped) {
        if (stopped.code() == asio::error::operation_aborted) outcome = Error{Errc::cancelled, "it was stopped"};
        else crash = std::current_exception();
    } catch (...) {
        crash = std::current_exception();
    }
    if (crash) {
        spdlog::error("{} {}: {}", entry->terms.kind, entry->operation->id,
                      internal_error(exception_text(crash)).context);
        outcome = internal_error_in(entry->terms.kind);
    }
    end(*entry, outcome);
}

void Operations::end(Entry& entry, Result<void> const& outcome) {
    auto& operation = *entry.operation;
    if (!entry.running()) return;
    operation.state = outcome ? OperationState::succeeded : OperationState::failed;
    if (!outcome) {
        operation.error = outcome.error();
        if (operation.error->code == Errc::cancelled) {
            operation.state = OperationState::cancelled;
            operation.error->context = "stopped; " + entry.terms.text_when_cancelled;
        }
    }
    if (outcome) spdlog::info("{} {} succeeded: created {}", operation.kind, operation.id, operation.created);
    else spdlog::warn("{} {}: {}", operation.kind, operation.id, operation.error->context);
    entry.watcher.stop();
}

task<void> Operations::watch(std::shared_ptr<Entry> entry, ports::Time& time) {
    while (entry->running()) {
        auto const next = time.steady_now() + check_interval;
        co_await time.sleep_until(next);
        if (!entry->running() || time.steady_now() - entry->asked < *entry->terms.abandon_after) continue;
        spdlog::warn("{} {}: the client no longer waits for it; cancelling", entry->terms.kind, entry->operation->id);
        cancel_now(*entry);
    }
}

void Operations::cancel_now(Entry& entry) { entry.work.stop(); }

std::shared_ptr<Operations::Entry> Operations::find(OperationId id) const {
    auto const found = std::ranges::find_if(entries_, [id](auto const& each) { return each->operation->id == id; });
    return found == entries_.end() ? nullptr : *found;
}

Result<Operation> Operations::get(OperationId id, std::optional<std::uint32_t> user) {
    auto const entry = find(id);
    if (!entry) return Error{Errc::not_found, "there is no operation " + std::to_string(id)};
    if (user == entry->terms.user) entry->asked = time_.steady_now();
    return *entry->operation;
}

Result<Operation> Operations::cancel(OperationId id) {
    auto const entry = find(id);
    if (!entry) return Error{Errc::not_found, "there is no operation " + std::to_string(id)};
    cancel_now(*entry);
    return *entry->operation;
}

void Operations::forget_old() {
    for (auto it = entries_.begin(); it != entries_.end() && entries_.size() >= max_remembered;) {
        if ((*it)->gone()) it = entries_.erase(it);
        else ++it;
    }
}

void Operations::stop() {
    stopping_ = true;
    for (auto const& entry : entries_) {
        cancel_now(*entry);
        entry->watcher.stop();
    }
}

task<void> Operations::join() {
    for (auto const& entry : entries_) {
        co_await entry->work.join();
        co_await entry->watcher.join();
    }
    entries_.clear();
}

}  // namespace sb::engine
