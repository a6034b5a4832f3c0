#pragma once
// The names that fit what is expected at the cursor, out of what the daemon told.

#include "common/rpc/methods.hpp"
#include "ctl/completion/expected.hpp"
#include "ctl/render/look.hpp"

#include <vector>

namespace sb::ctl {

/// What the daemon told; only what is needed for the question has been asked for.
struct CompletionFacts {
    std::vector<rpc::VmInfo> vms;
    std::vector<rpc::BackupInfo> backups;
    std::vector<rpc::JobInfo> jobs;  ///< newest first
};

/// In the order in which they should be shown: names sorted, backups and jobs newest first. A name with control
/// characters is left out: no shell can be given it on a line, and no terminal should be.
std::vector<Candidate> candidates_of(Expectation const& expectation, CompletionFacts const& facts, Look const& look);

}  // namespace sb::ctl
