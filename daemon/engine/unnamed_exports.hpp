#pragma once
// Exports whose manifest is written and that only need their name, after their jobs were lost with the journal. (With a
// journal, the jobs and the clean-up finish their commits themselves.) Tried at the start, before the history is
// rebuilt from the manifests, and repeated until each has its name.

#include "daemon/core/manifest.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/engine.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace sb::engine {

class UnnamedExports {
public:
    /// What became of a landing folder with a manifest.
    struct Attempted {
        std::string landing;
        std::string backup;  ///< the name that was ordered
        Result<std::string> name;
    };
    using Accepts = std::function<bool(core::Manifest const&)>;

    struct Dependencies {
        /// Commits every landing folder with a manifest that is accepted; `accepts` runs on another thread.
        std::function<task<Result<std::vector<Attempted>>>(Accepts)> finish;
        Engine& engine;
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        ConditionRegistry& conditions;
        ClusterIdentityWatch& identity;
        std::function<void()> backups_changed = [] {};
    };

    explicit UnnamedExports(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Call it before the engine starts and the history is rebuilt. Does nothing unless the journal is new.
    task<void> start();
    /// Repeats what could not be done, with growing pauses; ends when nothing is left.
    task<void> run();
    /// The names that are waited for.
    std::set<std::string> const& waiting() const { return waiting_; }

private:
    struct Found;

    task<void> look();
    task<void> finish(std::shared_ptr<Found const> found);
    void note(std::vector<Attempted> const& attempted);
    task<void> add_to_history(std::vector<Attempted> attempted);

    Dependencies dependencies_;
    bool left_ = false;  ///< something may still need its name
    bool started_ = false;
    std::set<std::string> waiting_;
    std::set<std::string> reported_;  ///< landing folders that are left where they are
};

}  // namespace sb::engine
