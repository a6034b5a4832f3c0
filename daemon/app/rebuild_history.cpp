#include "daemon/app/rebuild_history.hpp"

#include "daemon/core/rebuild_history.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace sb::app {

task<void> rebuild_history(ports::Journal& journal, ports::Catalog& catalog) {
    auto const needed = co_await journal.needs_rebuild();
    if (!needed || !*needed) co_return;
    auto const backups = co_await catalog.list();
    if (!backups) {
        spdlog::warn("the journal is new, and the manifests of earlier backups cannot be read: {}",
                     backups.error().context);
        co_return;
    }
    auto jobs = core::jobs_from_manifests(*backups);
    std::string why;
    if (!jobs.empty()) {
        why = "the journal was missing, although LocalPath contains earlier backups";
        spdlog::warn(
            "the journal is new: the history of {} finished backups was rebuilt from their manifests; earlier "
            "failures, restores and a pause of the schedule are lost",
            jobs.size());
    }
    auto const done = co_await journal.rebuild_history(std::move(jobs), std::move(why));
    if (!done) spdlog::warn("the history of earlier backups could not be recorded: {}", done.error().context);
}

}  // namespace sb::app
