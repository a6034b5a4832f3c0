#include "daemon/app/history_rebuild.hpp"

#include "daemon/core/rebuild_history.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace sb::app {

task<void> rebuild_lost_history(ports::Journal& journal, ports::Catalog& catalog) {
    auto const wanted = co_await journal.needs_rebuild();
    if (!wanted || !*wanted) co_return;
    auto const backups = co_await catalog.list();
    if (!backups) {
        spdlog::warn("the journal is new, and what earlier backups tell cannot be read: {}", backups.error().context);
        co_return;
    }
    auto jobs = core::jobs_told_by(*backups);
    std::string why;
    if (!jobs.empty()) {
        why = "the journal was missing, though LocalPath holds backups that were made earlier";
        spdlog::warn(
            "the journal is new: {} finished backups were read back from their manifests; earlier failures and "
            "restores, "
            "and whether the schedule was paused, are not known any more",
            jobs.size());
    }
    auto const done = co_await journal.rebuild_history(std::move(jobs), std::move(why));
    if (!done) spdlog::warn("what earlier backups tell could not be recorded: {}", done.error().context);
}

}  // namespace sb::app
