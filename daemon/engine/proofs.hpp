#pragma once
// Whether the files of a backup are as they were when they were last proven: made, adopted, checked after the journal
// was lost, or verified by their content. The proof (core/file_proof.hpp) is kept in the journal. It shows that a file
// was written to or replaced, not what is in it: only a verification of the content does.

#include "daemon/engine/trusted_copies.hpp"
#include "daemon/ports/catalog.hpp"

#include <set>
#include <string>

namespace sb::engine {

class Proofs {
public:
    Proofs(ports::Catalog& catalog, TrustedCopies& trusted) : catalog_(catalog), trusted_(trusted) {}

    /// Before an import. `refused`, with what differs, if the files are not those that were proven, or were never
    /// proven. A backup of an earlier version, which had no proofs, gets one. Of one that the journal does not know,
    /// nothing can be said.
    task<Result<void>> check_unchanged(std::string backup);
    /// Its content was verified a moment ago: its files as they are next found are proven.
    void renew(std::string const& backup) { renewed_.insert(backup); }
    /// Takes the proofs that are missing of an earlier version's backups, some at a time. True if there are more.
    task<bool> take_missing();
    /// Those that could not be taken are tried again.
    void try_again() { failed_.clear(); }

private:
    task<bool> take(core::TrustedCopy copy);
    task<void> take_renewed();

    ports::Catalog& catalog_;
    TrustedCopies& trusted_;
    std::set<std::string> renewed_;  ///< backups whose proof is to be taken again
    std::set<std::string> failed_;   ///< core::trust_key() of those whose files could not be examined
};

}  // namespace sb::engine
