#include "daemon/engine/rebuild_history.hpp"

#include "daemon/core/landing.hpp"
#include "daemon/core/rebuild_history.hpp"
#include "daemon/core/text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <utility>

namespace sb::engine {
namespace {

/// The scheduler's.
constexpr auto paused_fact = "paused";

/// The jobs of the present cluster that are newer than the journal. Others' journals count for themselves.
std::vector<core::Job> jobs_after(JobId newest_known, std::vector<core::Backup> backups,
                                  core::PresentCluster const& present) {
    std::erase_if(backups, [&](core::Backup const& backup) {
        bool const is_ours = backup.manifest &&
                             core::origin_of(core::cluster_of(*backup.manifest), present) == core::ClusterOrigin::same;
        return !is_ours || backup.manifest->job <= newest_known;
    });
    return core::jobs_from_manifests(backups);
}

/// A journal that was lost while the daemon ran has got what the daemon knew: whether the schedule is paused.
task<std::string> what_is_lost(ports::Journal& journal) {
    auto const pause = co_await journal.fact(paused_fact);
    if (pause && *pause) co_return "earlier failures and restores";
    co_return "earlier failures, restores and a pause of the schedule";
}

}  // namespace

task<void> rebuild_history(ports::Journal& journal, ports::Catalog& catalog) {
    auto const needed = co_await journal.needs_rebuild();
    if (!needed || !*needed) co_return;
    auto const backups = co_await catalog.list();
    if (!backups) {
        spdlog::warn("the journal is new, and the manifests of earlier backups cannot be read: {}",
                     backups.error().context);
        co_return;
    }
    if (std::ranges::any_of(*backups, &core::Backup::is_unanswered)) {
        spdlog::warn("the journal is new; its history is rebuilt once the folder of each backup answers");
        co_return;
    }
    auto jobs = core::jobs_from_manifests(*backups);
    std::string why;
    if (!jobs.empty()) {
        why = "the journal was missing, although LocalPath contains earlier backups";
        auto const lost = co_await what_is_lost(journal);
        spdlog::warn(
            "the journal is new: the history of {} finished backups was rebuilt from their manifests; {} are lost",
            jobs.size(), lost);
    }
    auto const done = co_await journal.rebuild_history(std::move(jobs), std::move(why));
    if (!done) spdlog::warn("the history of earlier backups could not be recorded: {}", done.error().context);
}

task<void> restore_history(ports::Journal& journal, ports::Catalog& catalog, ClusterIdentityWatch const& identity) {
    co_await rebuild_history(journal, catalog);
    auto backups = co_await catalog.list();
    if (!backups) co_return;  // the status board tries again
    auto present = identity.present();
    co_await complete_history(journal, std::move(*backups), std::move(present));
    co_await skip_ids_of_unknown_exports(journal, catalog);
}

namespace {

/// The attempts of exports without a job that were met before, separated by spaces.
constexpr auto unknown_fact = "unknown_exports";

/// For an export of an earlier version, which has no attempt.
std::string name_of_export(core::Job const& job) { return job.vm.text() + '\n' + job.backup; }

/// The attempts of the jobs that the journal knows, and what name_of_export() gives for them.
task<Result<std::set<std::string>>> known_exports(ports::Journal& journal) {
    auto const unfinished = co_await journal.unfinished();
    if (!unfinished) co_return unfinished.error();
    auto const ended = co_await journal.recent(ports::journal_depth);
    if (!ended) co_return ended.error();
    std::set<std::string> exports;
    for (auto const* jobs : {&*unfinished, &*ended}) {
        for (auto const& job : *jobs) {
            if (!job.attempt.empty()) exports.insert(job.attempt);
            exports.insert(name_of_export(job));
        }
    }
    co_return exports;
}

std::set<std::string> words_of(std::string const& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

}  // namespace

task<void> skip_ids_of_unknown_exports(ports::Journal& journal, ports::Catalog& catalog) {
    constexpr JobId gap = 100;
    constexpr JobId last_to_skip = 1000000000000;
    auto const folders = co_await catalog.landing_folders();
    if (!folders || folders->empty()) co_return;
    auto const known = co_await known_exports(journal);
    auto const noted = co_await journal.fact(unknown_fact);
    auto const newest = co_await journal.newest_job();
    if (!known || !noted || !newest || *newest > last_to_skip) co_return;
    auto const met_before = words_of(noted->value_or(std::string()));
    std::string unknown;
    std::string example;
    for (auto const& folder : *folders) {
        auto const attempt = core::attempt_of(folder);
        if (known->contains(attempt)) continue;
        if (!met_before.contains(attempt)) example = folder;
        unknown += attempt + " ";
    }
    if (!example.empty()) {
        spdlog::warn(
            "the journal has no job of the export into '{}': it may be older than that export, so the next job "
            "gets the number {}",
            example, *newest + gap + 1);
        auto const raised = co_await journal.raise_next_id(*newest + gap);
        if (!raised) co_return;
    }
    auto const is_noted = co_await journal.set_fact(unknown_fact, std::move(unknown));
    if (!is_noted) spdlog::warn("the journal could not be written: {}", is_noted.error().context);
}

task<void> complete_history(ports::Journal& journal, std::vector<core::Backup> backups, core::PresentCluster present) {
    auto const is_new = co_await journal.needs_rebuild();
    if (!is_new || *is_new) co_return;  // rebuild_history() does it
    auto const newest = co_await journal.newest_job();
    if (!newest || *newest >= core::newest_job(backups)) co_return;
    auto const known = co_await known_exports(journal);
    if (!known) co_return;
    auto jobs = jobs_after(*newest, std::move(backups), present);
    std::erase_if(jobs, [&](core::Job const& job) {
        return known->contains(job.attempt) || known->contains(name_of_export(job));
    });
    if (jobs.empty()) co_return;
    auto why = "the journal knew no job after " + std::to_string(*newest) + ", but LocalPath has backups of " +
               core::count_text(static_cast<std::int64_t>(jobs.size()), "later job") +
               ": an older journal was put back, or another installation made them";
    spdlog::warn(
        "{}. These jobs were added from the manifests; what else happened since is lost: failures, restores, a "
        "pause, and which backups were deleted. Those that wait in the trash cannot be taken back by 'undelete'",
        why);
    auto const added = co_await journal.rebuild_history(std::move(jobs), std::move(why));
    if (!added) spdlog::warn("the jobs could not be added to the journal: {}", added.error().context);
}

}  // namespace sb::engine
