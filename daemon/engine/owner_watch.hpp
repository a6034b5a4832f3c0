#pragma once
// Whether this installation is the one that makes the cluster's backups in LocalPath (core/local_path_owner.hpp). The
// file is written every 10 minutes; another installation is alive until its file has stayed the same for 12 minutes
// while this one watched it. Only this machine's steady clock is used: the two may disagree about the time.

#include "daemon/async/async_mutex.hpp"
#include "daemon/core/local_path_owner.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/ports/catalog.hpp"

#include <functional>
#include <optional>
#include <string>

namespace sb::engine {

class OwnerWatch {
public:
    struct Dependencies {
        ClusterIdentityWatch& identity;
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        ConditionRegistry& conditions;
        std::string host;                     ///< this machine
        std::string state;                    ///< its state directory
        std::function<std::string()> random;  ///< names a new installation
    };

    explicit OwnerWatch(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Why nothing may be ordered: another installation is alive; empty = it may. Writes the file when it is time, but
    /// never into a folder that may not be LocalPath. Without the cluster's uuid there is no file.
    task<std::string> objection();
    /// The daemon ends: another installation need not wait.
    task<void> finish();

private:
    bool is_recent(std::string const& cluster) const;
    task<bool> is_right_place();
    task<bool> know_installation();
    task<std::string> look(std::string cluster);
    bool is_unchanged_long_enough(std::string const& text);
    task<void> write(std::string cluster, bool stopped);
    core::LocalPathOwner mine() const;

    Dependencies dependencies_;
    std::string installation_;
    std::string cluster_;  ///< whose file was looked at last
    bool has_looked_ = false;
    std::optional<SteadyTime> looked_at_, written_at_;
    std::string watched_;  ///< another installation's file
    SteadyTime unchanged_since_{};
    std::string objection_;
    AsyncMutex mutex_;  ///< two looks at once would each name the installation, and take the other's file for another's
};

}  // namespace sb::engine
