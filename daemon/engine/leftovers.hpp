#pragma once
// What unsuccessful exports left behind in their landing folders: deleted a day later, when nothing can write to it;
// or, if it is a complete backup, made one after all. core::evaluate_leftover() decides.

#include "daemon/core/leftover.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/engine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

struct LeftoversResult {
    int rescued = 0;
    std::vector<std::string> problems;  ///< for people
};

class Leftovers {
public:
    struct Dependencies {
        Engine& engine;
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        ClockWatch& clock;
    };

    explicit Leftovers(Dependencies dependencies) : dependencies_(dependencies) {}

    /// Only while LocalPath is where the backups were written. Stops when the clock is in doubt.
    task<LeftoversResult> clean_up();

private:
    struct Examined {
        core::Leftover folder;
        std::vector<core::BackupFile> files;  ///< of a whole one
    };

    /// Nothing if there is no folder.
    task<std::optional<Examined>> examine(core::Job job);
    task<bool> task_may_write(core::Job job);
    bool uses_its_name(core::Job const& job) const;
    /// The backup's name.
    task<Result<std::string>> rescue(core::Job job, Examined examined);
    /// It counts after it has passed a check (ClaimCheck).
    task<void> vouch_for(JobId job, std::string name);
    task<void> execute(core::Job job, Examined examined, LeftoversResult& result);
    task<void> remove(core::Job job, std::string why, LeftoversResult& result);
    static void report_rescue(core::Job const& job, Result<std::string> const& name, LeftoversResult& result);
    task<void> report_interrupted_rescue(LeftoversResult& result);

    Dependencies dependencies_;
    std::optional<Result<std::vector<core::TaskReport>>> tasks_;  ///< of the cluster, once a clean-up has asked
};

}  // namespace sb::engine
