#include "daemon/engine/unnamed_exports.hpp"

#include "common/text/case_key.hpp"
#include "daemon/core/rebuild_history.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// That the journal was new, until nothing is left: a restart must not forget it.
constexpr auto left_fact = "unnamed_exports";

bool is_final(Error const& error) {
    return error.code == Errc::not_found || error.code == Errc::incomplete_backup || error.code == Errc::damaged_backup;
}

}  // namespace

/// The manifests in landing folders.
struct UnnamedExports::Found {
    std::vector<Manifest> manifests;
};

task<void> UnnamedExports::start() {
    auto const is_new = co_await dependencies_.journal.needs_rebuild();
    auto const noted = co_await dependencies_.journal.fact(left_fact);
    bool const was_left = noted && *noted && !(*noted)->empty();
    left_ = was_left || (is_new && *is_new);
    if (left_ && !was_left) co_await dependencies_.journal.set_fact(left_fact, std::string("yes"));
    if (left_) co_await look();
    started_ = true;
}

task<void> UnnamedExports::run() {
    constexpr Milliseconds first_pause = 1s;
    constexpr Milliseconds longest_pause = 5min;
    Milliseconds pause = first_pause;
    while (left_) {
        auto const next = dependencies_.time.steady_now() + pause;
        co_await dependencies_.time.sleep_until(next);
        pause = std::min(pause * 2, longest_pause);
        co_await look();
    }
}

task<void> UnnamedExports::look() {
    auto const right_place = co_await dependencies_.engine.is_right_storage();
    if (!right_place) co_return;  // that is a condition; it is repeated
    // First only a look: without such a folder, the cluster need not be asked which one it is.
    auto found = std::make_shared<Found>();
    Accepts const none = [found](Manifest const& manifest) {
        found->manifests.push_back(manifest);
        return false;
    };
    auto const looked = co_await dependencies_.finish(none);
    if (!looked) {
        spdlog::warn("it is not known whether finished exports need their name: {}", looked.error().context);
        co_return;
    }
    left_ = false;
    if (!found->manifests.empty()) co_await finish(std::move(found));
    if (!left_) co_await dependencies_.journal.set_fact(left_fact, std::string());
}

task<void> UnnamedExports::finish(std::shared_ptr<Found const> found) {
    co_await dependencies_.identity.check(3s);
    auto const present = dependencies_.identity.present();
    std::set<std::string> of_jobs;  // which commit them themselves
    for (auto const& job : dependencies_.engine.unfinished_jobs()) of_jobs.insert(job.attempt);
    for (auto const& manifest : found->manifests) {
        auto const origin = origin_of(cluster_of(manifest), present);
        if (origin == ClusterOrigin::same) continue;
        // When the cluster has said which one it is, this may be known.
        if (origin == ClusterOrigin::unknown && present.uuid.empty()) left_ = true;
        if (reported_.insert(manifest.attempt).second)
            spdlog::warn("the finished export of '{}' (attempt {}) is left as it is: it {} of another cluster, {}",
                         manifest.backup, manifest.attempt, origin == ClusterOrigin::other ? "is" : "may be",
                         cluster_text(cluster_of(manifest)));
    }
    Accepts const accepts = [present, of_jobs](Manifest const& manifest) {
        return origin_of(cluster_of(manifest), present) == ClusterOrigin::same && !of_jobs.contains(manifest.attempt);
    };
    auto const attempted = co_await dependencies_.finish(accepts);
    if (!attempted) {
        left_ = true;
        spdlog::warn("finished exports could not get their name: {}", attempted.error().context);
        co_return;
    }
    note(*attempted);
    // At the start, the history is rebuilt afterwards.
    if (started_) co_await add_to_history(*attempted);
}

void UnnamedExports::note(std::vector<Attempted> const& attempted) {
    std::set<std::string> waiting;
    for (auto const& one : attempted) {
        if (!one.name && !is_final(one.name.error())) {
            left_ = true;
            waiting.insert(one.backup);
            dependencies_.conditions.raise(ConditionKind::commit_waiting, one.name.error().context, one.backup);
        } else if (!one.name) {
            if (reported_.insert(one.landing).second)
                spdlog::warn("the finished export in '{}' does not become a backup: {}", one.landing,
                             one.name.error().context);
        } else if (case_key(*one.name) == case_key(one.backup)) {
            spdlog::info("the finished export in '{}' is now backup '{}'", one.landing, *one.name);
        } else {
            spdlog::warn("the finished export in '{}' is now backup '{}', since the name '{}' was taken", one.landing,
                         *one.name, one.backup);
        }
    }
    for (auto const& name : waiting_)
        if (!waiting.contains(name)) dependencies_.conditions.clear(ConditionKind::commit_waiting, name);
    waiting_ = std::move(waiting);
}

task<void> UnnamedExports::add_to_history(std::vector<Attempted> attempted) {
    std::vector<Backup> named;
    for (auto const& one : attempted) {
        if (!one.name) continue;
        auto const backup = co_await dependencies_.catalog.find(*one.name);
        if (backup) named.push_back(*backup);
    }
    if (named.empty()) co_return;
    dependencies_.backups_changed();
    // A history that is still to be rebuilt will have them.
    auto const is_new = co_await dependencies_.journal.needs_rebuild();
    if (!is_new || *is_new) co_return;
    auto jobs = jobs_from_manifests(named);
    auto const added = co_await dependencies_.journal.rebuild_history(std::move(jobs), std::string());
    if (!added) spdlog::warn("the history of finished exports could not be recorded: {}", added.error().context);
}

}  // namespace sb::engine
