#pragma once
// Which of the backups in LocalPath that the journal does not know may count.
//
// With a new journal (or one of a version that did not keep this), all that are there when LocalPath is first read are
// checked: files, definition, and the tables of the images. The newest scheduled copy of each VM comes first, and no
// scheduled export starts before: each VM would be exported again. The others follow. What passes is recorded and
// counts. So the state directory can be deleted at any time. A folder that does not answer is checked once it does, if
// that is within a day.
//
// What appears later was brought back or copied there, or is not what it seems: it counts after an administrator has
// adopted it. Except an export of a failed job that the clean-up inspected and named, which the journal says: it is
// checked, too.

#include "daemon/async/task.hpp"
#include "daemon/core/trusted_copy.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/proofs.hpp"
#include "daemon/engine/trusted_copies.hpp"
#include "daemon/engine/wake_up.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sb::engine {

class ClaimCheck {
public:
    struct Dependencies {
        asio::any_io_executor executor;
        ports::Catalog& catalog;  ///< one that marks claims (TrustingCatalog)
        ports::Journal& journal;
        ports::Time& time;
        ConditionRegistry& conditions;
        TrustedCopies& trusted;
        Proofs& proofs;
        /// Of a complete backup: definition, files and tables (ports::Verification).
        std::function<task<Result<void>>(std::string backup)> check_structure;
        std::function<task<bool>()> is_right_storage;       ///< Engine::is_right_storage()
        std::function<std::set<std::string>()> in_trash;    ///< the backups that wait there, by name
        std::function<void()> backups_changed = [] {};      ///< some count now
        Milliseconds max_sleep = std::chrono::seconds(10);  ///< see WakeUp
    };

    explicit ClaimCheck(Dependencies dependencies);

    /// Whether the journal is new. Before any export is planned.
    task<Result<void>> load();
    /// Runs forever; ends when cancelled.
    task<void> run();
    /// An administrator's word that the backup may count: its files are checked as those of a new journal are.
    task<Result<void>> adopt(std::string backup);
    /// A backup was made, adopted or verified.
    void check_again() { wake_up_.poke(); }
    /// Why scheduled exports wait, for people; empty = they do not. For two hours at most: an export too many is
    /// better than none.
    std::string why_exports_wait() const;

private:
    enum class Outcome { passed, failed, postponed };

    task<void> turn();
    task<void> look();
    task<bool> check_candidates(std::vector<core::Backup>& backups);
    task<bool> check_urgent(std::vector<core::Backup>& backups);
    task<bool> check_rescued(std::vector<core::Backup>& backups);
    task<void> use_up(JobId rescued);
    task<bool> check_each(std::vector<std::string> names, std::vector<core::Backup>& backups);
    task<Outcome> check(std::string name);
    task<Result<core::TrustedCopy>> prove(std::string name, core::TrustSource source);
    bool is_any_silent(std::vector<core::Backup> const& backups) const;
    Outcome failed(std::string const& name, Error const& error);
    task<void> end_checking();
    void report(std::vector<core::Backup> const& backups);
    void report_progress();
    std::string progress() const;

    Dependencies dependencies_;
    WakeUp wake_up_;
    bool is_checked_ = false;  ///< the journal has known LocalPath before
    bool has_urgent_ended_ = false;
    SteadyTime began_{};
    std::optional<std::set<std::string>> candidates_;  ///< the claims, and what was silent, at the first look
    std::size_t urgent_ = 0, urgent_done_ = 0;         ///< how many the schedule waits for
    std::map<std::string, int> attempts_;              ///< by backup: checks that could not be made
    std::set<std::string> given_up_;                   ///< those that stay claims
    std::set<std::string> looked_up_;                  ///< claims whose job was looked for in the journal
    std::map<std::string, core::Job> rescued_;         ///< while they are checked: the jobs that made them
    std::optional<SteadyTime> looked_at_;
    bool is_look_incomplete_ = false;
    bool are_proofs_missing_ = false;
};

}  // namespace sb::engine
