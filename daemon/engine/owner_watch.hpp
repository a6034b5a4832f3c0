#pragma once
// Whether this installation is the one that makes the cluster's backups in LocalPath (core/local_path_owner.hpp). The
// file is written every 10 minutes; another installation is alive until its file has stayed the same for 12 minutes
// while this one watched it. Only this machine's steady clock is used: the two may disagree about the time.

#include "daemon/async/async_mutex.hpp"
#include "daemon/core/local_path_owner.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/ports/catalog.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace sb::engine {

/// Why the owner of LocalPath forbids something, for people, with what to do; empty = it does not.
struct OwnerObjection {
    std::string to_orders;
    std::string to_deleting;
};

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
        std::string machine{};                ///< identifies this machine; empty = not known
    };

    explicit OwnerWatch(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Another installation is alive, or that cannot be found out. Writes the file when it is time, but never into a
    /// folder that may not be LocalPath. While the cluster has never said which one it is, nothing may be deleted, and
    /// the files of all clusters count, and while it refuses to say so, too. What was found holds for 30
    /// seconds; a look that could not be made is repeated with the next call.
    task<OwnerObjection> objection();
    /// The daemon ends: another installation need not wait.
    task<void> finish();

private:
    /// What a look at a file shows.
    struct Look {
        std::string other;     ///< the installation that is alive; empty = none
        std::string unusable;  ///< why the file cannot be read; empty = it can
    };
    struct Watched {
        std::string text;
        SteadyTime unchanged_since{};
    };

    bool is_recent(std::string const& cluster) const;
    task<bool> is_right_place();
    task<bool> know_installation();
    task<Look> look_at(std::string cluster, bool is_first_look);
    task<Look> look_at_own(std::string cluster);
    task<Look> look_at_all();
    bool is_mine(core::LocalPathOwner const& found) const;
    bool is_unchanged_long_enough(std::string const& cluster, std::string const& text);
    task<void> write(std::string cluster, bool stopped);
    core::LocalPathOwner mine() const;
    OwnerObjection report(Look const& found);

    Dependencies dependencies_;
    std::string installation_;
    std::string cluster_;         ///< whose file was looked at last
    bool is_unanswered_ = false;  ///< then the files of all clusters were looked at
    bool has_looked_ = false;
    std::optional<SteadyTime> looked_at_, written_at_;
    std::map<std::string, Watched> watched_;  ///< files of other installations, by cluster
    bool has_own_ = false;                    ///< the file looked at last was this installation's
    OwnerObjection objection_;
    AsyncMutex mutex_;  ///< two looks at the same time would each invent a name for the installation
};

}  // namespace sb::engine
