// When the machine with the share loses power, what the cluster had written may be lost as far as it was not flushed to
// disk. A job whose export was requested before that, and is not committed, must not become a backup.
#include "daemon/core/leftover.hpp"
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <sstream>

namespace sb::engine {

using namespace core;

namespace {

constexpr auto boot_fact = "boot_of_disk";
constexpr auto unsynced_fact = "doubtful_exports";  // ids; the daemon may be restarted while the machine keeps running

std::set<JobId> ids_in(std::string const& text) {
    std::istringstream numbers(text);
    std::set<JobId> ids;
    for (JobId id = 0; numbers >> id;) ids.insert(id);
    return ids;
}

std::string ids_text(std::set<JobId> const& ids) {
    std::string text;
    for (auto const id : ids) text += std::to_string(id) + " ";
    return text;
}

bool has_ordered_an_export(Job const& job) { return job.kind == JobKind::backup && job.posted.has_value(); }

}  // namespace

/// What a job that failed before had left may be incomplete now, although its export may have been complete: it must
/// not become a backup later, nor be recommended as one (leftovers.cpp).
task<Result<void>> Engine::doubt_leftovers() {
    auto const ended = co_await ports_.journal.recent(ports::journal_depth);
    if (!ended) co_return ended.error();
    for (auto const& job : *ended) {
        if (!may_have_left_a_folder(job) || is_worthless_export(job)) continue;
        auto doubted = job;
        doubted.end = ExportEnd::unflushed;
        auto const saved = co_await recorder_.record_now(std::move(doubted));
        if (!saved) co_return saved.error();
    }
    co_return boost::system::in_place_value;
}

task<Result<std::set<JobId>>> Engine::unsynced_exports(std::vector<Job> unfinished) {
    auto const boot_before = co_await ports_.journal.fact(boot_fact);
    if (!boot_before) co_return boot_before.error();
    auto const noted = co_await ports_.journal.fact(unsynced_fact);
    if (!noted) co_return noted.error();
    auto const boot = co_await ports_.catalog.boot_of_disk();
    bool const other_boot = !boot.empty() && *boot_before && !(*boot_before)->empty() && **boot_before != boot;
    auto const before = ids_in(noted->value_or(""));
    std::set<JobId> unsynced;
    for (auto const& job : unfinished)
        if (has_ordered_an_export(job) && (other_boot || before.contains(job.id))) unsynced.insert(job.id);
    for (auto const id : unsynced)
        spdlog::warn(
            "job {}: the machine was restarted after its export was requested; it counts only if its manifest already "
            "exists",
            id);
    if (other_boot) {
        auto const doubted = co_await doubt_leftovers();
        if (!doubted) co_return doubted.error();
    }
    // The jobs first: if the daemon is killed in between, the next start still sees a different boot.
    if (unsynced != before) {
        auto text = ids_text(unsynced);
        auto const saved = co_await ports_.journal.set_fact(unsynced_fact, std::move(text));
        if (!saved) co_return saved.error();
    }
    if (boot != boot_before->value_or("")) {
        auto text = boot;
        auto const saved = co_await ports_.journal.set_fact(boot_fact, std::move(text));
        if (!saved) co_return saved.error();
    }
    co_return unsynced;
}

}  // namespace sb::engine
