#pragma once
// Whether a copy that a deletion leans on can be read now: definition, all tables of its images, and samples of their
// data, past the cache. At most once an hour a copy, as long as none of its files changes: one that was written to or
// replaced since is read again. What could not be read is marked until a reading that is at least as thorough succeeds:
// retention deletes no copy of such a VM. The marks are conditions, so a restart keeps them.

#include "daemon/core/manifest.hpp"
#include "daemon/core/verification.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

class Evidence {
public:
    Evidence(ports::Catalog& catalog, ports::Time& time, ConditionRegistry& conditions)
        : catalog_(catalog), time_(time), conditions_(conditions) {}

    /// How check() asks whether the files are still those that were proven: `refused`, with what differs, if not.
    void ask_for_changes(std::function<task<Result<void>>(std::string)> ask) { ask_for_changes_ = std::move(ask); }
    /// `refused`, and `copy_changed` is raised, if the copy's files are not those that were proven: it can be read, but
    /// not be what it was.
    /// Reads the copy unless that succeeded within the last hour and its files are the same since. An error raises
    /// `copy_unreadable` for it; success clears that, unless a verification of its content found it. `not_found`: it no
    /// longer exists, and `refused`: its files change while they are read; nothing is raised.
    task<Result<void>> check(core::Backup backup);
    /// Called with the name of a backup whose content was verified as a person ordered. A scheduled verification
    /// compares files with digests that are in the same folder: who replaces both must not have a changed image taken
    /// for a proven one without a word.
    void on_content_verified(std::function<void(std::string const&)> call) { content_verified_ = std::move(call); }
    /// A verification's outcome: an error of reading is a mark that retention honours. `by_order`: not by the schedule.
    void note(std::string const& backup, core::Level level, Result<void> const& outcome, bool by_order);
    /// Why the copy could not be read; empty = it is not known to be unreadable.
    std::string why_unreadable(std::string const& backup) const;
    /// Copies that no longer exist cannot be unreadable.
    void forget_others(std::vector<core::Backup> const& existing);
    /// Reads the copies that an earlier check could not read again, each at most once an hour: a network that failed
    /// for a moment must not stop the deletions until a person verifies. Forgets those that no longer exist. True if
    /// one is no longer marked. Likewise for those whose files were changed.
    task<bool> check_marked_again();

private:
    /// How thoroughly a copy is read; the later ones read what the earlier ones read, and more.
    enum class Reading { structure, samples, content };
    struct Mark {
        std::string why;
        Reading reading = Reading::samples;  ///< that failed
        std::optional<SteadyTime> tried;     ///< when check() last failed
    };
    using Marks = std::map<std::string, Mark>;
    /// A reading that succeeded.
    struct Proof {
        SteadyTime at;
        std::string states;  ///< of its files (ports::Catalog::file_states), before and after the reading
    };

    static std::string key_of(core::Backup const& backup);
    Marks& marks() const;
    task<Result<void>> check_unchanged(std::string backup);
    task<bool> check_changed_again();
    std::vector<std::string> changed() const;
    void mark(std::string const& backup, Mark mark);
    void clear(std::string const& backup, Reading passed);
    void forget(std::string const& backup);
    /// Marks the copy, unless it no longer exists.
    Error failed(std::string const& backup, Error error);
    task<Result<void>> read(std::string backup, std::string key, Result<std::string> states);

    ports::Catalog& catalog_;
    ports::Time& time_;
    ConditionRegistry& conditions_;
    std::function<void(std::string const&)> content_verified_ = [](std::string const&) {};
    std::function<task<Result<void>>(std::string)> ask_for_changes_;
    std::map<std::string, Proof> proofs_;  ///< by name and manifest, within the last hour
    mutable std::optional<Marks> marks_;   ///< by backup; read from the conditions when first needed
};

}  // namespace sb::engine
