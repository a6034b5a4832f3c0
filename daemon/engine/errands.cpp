#include "daemon/engine/errands.hpp"

#include <boost/system/system_error.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {
namespace {

constexpr std::size_t most_running = 4;
constexpr std::size_t most_remembered = 32;
constexpr std::chrono::seconds look_around{1};

std::string words_of(std::exception_ptr const& crash) {
    try {
        std::rethrow_exception(crash);
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "an unknown exception";
    }
}

}  // namespace

struct Errands::Entry {
    Entry(asio::any_io_executor executor, ErrandTerms with)
        : terms(std::move(with)), work(executor, ignore), watcher(executor, ignore) {}

    static void ignore(std::exception_ptr) {}  // run() has seen to it

    ErrandTerms terms;
    std::shared_ptr<Errand> errand = std::make_shared<Errand>();
    SteadyTime asked{};
    TaskGroup work, watcher;

    bool running() const { return errand->state == ErrandState::running; }
    bool gone() const { return work.empty() && watcher.empty(); }
};

Errands::~Errands() = default;

Result<Errand> Errands::start(ErrandTerms terms, ErrandWork work) {
    if (stopping_) return Error{Errc::refused, "the daemon is ending"};
    forget_old();
    auto const running = std::ranges::count_if(entries_, [](auto const& each) { return each->running(); });
    if (static_cast<std::size_t>(running) >= most_running)
        return Error{Errc::refused, std::to_string(running) + " uploads and clones are under way: wait for one to end"};
    auto const entry = std::make_shared<Entry>(executor_, std::move(terms));
    entry->errand->id = ++last_id_;
    entry->errand->kind = entry->terms.kind;
    entry->asked = time_.steady_now();
    entries_.push_back(entry);
    entry->work.spawn(run(entry, std::move(work)));
    if (entry->terms.patience && entry->running()) entry->watcher.spawn(watch(entry, time_));
    return *entry->errand;
}

task<void> Errands::run(std::shared_ptr<Entry> entry, ErrandWork work) {
    std::exception_ptr crash;
    Result<void> outcome;
    try {
        outcome = co_await work(entry->errand);
    } catch (boost::system::system_error const& stopped) {
        if (stopped.code() == asio::error::operation_aborted) outcome = Error{Errc::cancelled, "it was stopped"};
        else crash = std::current_exception();
    } catch (...) {
        crash = std::current_exception();
    }
    if (crash) {
        spdlog::error("{} {}: a bug: {}", entry->terms.kind, entry->errand->id, words_of(crash));
        outcome = Error{Errc::internal, "the daemon made a mistake of its own; its log says more"};
    }
    end(*entry, outcome);
}

void Errands::end(Entry& entry, Result<void> const& outcome) {
    auto& errand = *entry.errand;
    if (!entry.running()) return;
    errand.state = outcome ? ErrandState::succeeded : ErrandState::failed;
    if (!outcome) {
        errand.error = outcome.error();
        if (errand.error->code == Errc::cancelled) {
            errand.state = ErrandState::cancelled;
            errand.error->context = "stopped; " + entry.terms.words_when_cancelled;
        }
    }
    if (outcome) spdlog::info("{} {} ended well: made {}", errand.kind, errand.id, errand.created);
    else spdlog::warn("{} {}: {}", errand.kind, errand.id, errand.error->context);
    entry.watcher.stop();
}

task<void> Errands::watch(std::shared_ptr<Entry> entry, ports::Time& time) {
    while (entry->running()) {
        auto const next = time.steady_now() + look_around;
        co_await time.sleep_until(next);
        if (!entry->running() || time.steady_now() - entry->asked < *entry->terms.patience) continue;
        spdlog::warn("{} {}: nobody waits for it any more", entry->terms.kind, entry->errand->id);
        cancel_now(*entry);
    }
}

void Errands::cancel_now(Entry& entry) {
    entry.work.stop();
}

std::shared_ptr<Errands::Entry> Errands::find(ErrandId id) const {
    auto const found = std::ranges::find_if(entries_, [id](auto const& each) { return each->errand->id == id; });
    return found == entries_.end() ? nullptr : *found;
}

Result<Errand> Errands::look(ErrandId id) {
    auto const entry = find(id);
    if (!entry) return Error{Errc::not_found, "there is no errand " + std::to_string(id) + " (any more)"};
    entry->asked = time_.steady_now();
    return *entry->errand;
}

Result<Errand> Errands::cancel(ErrandId id) {
    auto const entry = find(id);
    if (!entry) return Error{Errc::not_found, "there is no errand " + std::to_string(id) + " (any more)"};
    cancel_now(*entry);
    return *entry->errand;
}

void Errands::forget_old() {
    for (auto it = entries_.begin(); it != entries_.end() && entries_.size() >= most_remembered;) {
        if ((*it)->gone()) it = entries_.erase(it);
        else ++it;
    }
}

void Errands::stop() {
    stopping_ = true;
    for (auto const& entry : entries_) {
        cancel_now(*entry);
        entry->watcher.stop();
    }
}

task<void> Errands::join() {
    for (auto const& entry : entries_) {
        co_await entry->work.join();
        co_await entry->watcher.join();
    }
    entries_.clear();
}

}  // namespace sb::engine
