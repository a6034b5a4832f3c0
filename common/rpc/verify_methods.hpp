#pragma once
// The part of the vocabulary that speaks of proofs. See methods.hpp; docs/verification.md has the levels.

#include "common/rpc/job_values.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

/// One job of kind verify for each backup; no names: for every backup that can be verified.
struct StartVerify {
    static constexpr std::string_view name = "verify.start";
    static constexpr bool changes = true;
    struct Params {
        std::vector<std::string> backups;  ///< names of folders; empty = all
        std::string level = "content";     ///< structure, content, reread
    };
    struct Reply {
        std::vector<JobInfo> jobs;
    };
};

}  // namespace sb::rpc
