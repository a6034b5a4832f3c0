#pragma once
// The part of the vocabulary that speaks of examinations. See methods.hpp.

#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

struct FindingInfo {
    std::string subject;  ///< "cluster log-in", "backup folder"
    std::string verdict;  ///< good, unknown, warning, bad
    std::string words;
    std::string remedy;  ///< what to do; empty if there is nothing to do
};

/// Looks at everything that backups depend on. Takes as long as the slowest of what is asked, at most about two
/// minutes.
struct CheckHealth {
    static constexpr std::string_view name = "daemon.check";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<FindingInfo> findings;
        std::string worst;  ///< name_of(Errc) of the worst finding; empty if none is bad
    };
};

}  // namespace sb::rpc
