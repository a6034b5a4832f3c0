#pragma once
// Whether this installation is the one that makes the cluster's backups in LocalPath (core/local_path_owner.hpp). The
// file is written every 10 minutes; another installation is alive until its file has stayed the same for 12 minutes
// while this one watched it. Only this machine's steady clock is used: the two may disagree about the time.
//
// Two that start in the same moment both find the file free. So each process first takes the file: it writes it, waits,
// and reads it again. It may begin only if the file is still its own. When within the write the new text shows is not
// known: at its beginning or at its end. One whose write ends within half of the wait after it found the file free
// cannot replace another's file unseen (Fischer's mutual exclusion): the other one reads again after the whole wait.
// One that is slower may, at any moment of its write. So
// - it waits for half a minute more: by then the other one has looked again, and has given way;
// - the one that has the file reads it again before each order and deletion, which is one small read: from the moment
//   in which its file is replaced it does nothing more.
// Each writes a separate temporary file (catalog), so that neither's write publishes or removes the other's text. One
// that cannot write the file shows itself to no other, so it exports and deletes only if the file names it already.

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
    std::string to_restores;
    std::string to_orders;  ///< of exports
    std::string to_deleting;
};

/// How long after taking the file it is read again: what another installation has written shows by then.
struct OwnerSettling {
    Milliseconds here{400};           ///< LocalPath's disk is this machine's
    Milliseconds on_a_network{5000};  ///< another machine's: the client's caches are renewed
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
        OwnerSettling settling{};
    };

    explicit OwnerWatch(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Another installation is alive, or that cannot be found out. Takes the file first, but never in a folder that may
    /// not be LocalPath. While the cluster has never said which one it is, nothing may be deleted, and
    /// the files of all clusters count, and while it refuses to say so, too. What was found holds for 30
    /// seconds, and that this one may act only while the file names it, which each call reads; a look that could not be
    /// made is repeated with the next call. Taking the file lasts some seconds.
    task<OwnerObjection> objection();
    /// Shows that this one is alive. A LocalPath that takes no writes holds this call up, not objection().
    task<void> refresh();
    /// The daemon ends: another installation need not wait.
    task<void> finish();

private:
    /// What a look at a file shows.
    struct Look {
        std::string other;      ///< the installation that is alive; empty = none
        std::string unusable;   ///< why the file cannot be read; empty = it can
        std::string not_shown;  ///< why it could not be written, if it does not name this installation; empty = it does
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
    task<Look> look_at_each(std::string cluster);
    task<Look> claim(std::string cluster);
    task<Look> look_without_writing(std::string cluster, Error failed);
    task<bool> may_answer_as_before();
    task<Milliseconds> settling();
    task<bool> has_untold_neighbour(std::string cluster);
    /// Also as one that has stopped.
    bool names_me(core::LocalPathOwner const& found) const;
    bool is_unchanged_long_enough(std::string const& cluster, std::string const& text);
    task<Result<void>> write(std::string cluster, bool stopped);
    core::LocalPathOwner mine() const;
    OwnerObjection report(Look const& found);

    Dependencies dependencies_;
    std::string installation_;
    std::string cluster_;         ///< whose file was looked at last
    bool is_unanswered_ = false;  ///< then the files of all clusters were looked at
    bool has_looked_ = false;
    std::optional<SteadyTime> looked_at_, written_at_;
    std::map<std::string, Watched> watched_;  ///< files of other installations, by cluster
    bool has_own_ = false;                    ///< the file looked at last was this installation's, and not stopped
    bool names_own_ = false;                  ///< it was this installation's
    bool is_named_ = false;                   ///< so was the cluster's, at the last look of objection()
    bool owns_ = false;                       ///< the last look found this process to be the one
    bool is_late_ = false;                    ///< it was silent for so long that another one may have taken the file
    OwnerObjection objection_;
    AsyncMutex mutex_;  ///< two looks at the same time would each invent a name for the installation
};

}  // namespace sb::engine
