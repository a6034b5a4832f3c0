#pragma once
// The journal's word that the clean-up itself inspected the export of a job that had failed, and gave it this name.
// Without it, such a backup is a claim: the attempt can be read from the name of the landing folder, so anyone could
// plant a backup of this job. The word is used up by the check that the backup then has.

#include "common/ids.hpp"

#include <string>

namespace sb::engine {

/// The name of the fact; its value is the name of the backup, or empty.
inline std::string rescued_fact(JobId job) { return "rescued_" + std::to_string(job); }

}  // namespace sb::engine
