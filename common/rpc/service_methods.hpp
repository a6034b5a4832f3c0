#pragma once
// The part of the vocabulary that speaks of the daemon itself. See methods.hpp.

#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

/// Reads the configuration again. One with problems changes nothing; they are told and reloaded is false.
struct Reload {
    static constexpr std::string_view name = "daemon.reload";
    static constexpr bool changes = true;
    struct Params {};
    struct Reply {
        bool reloaded = false;
        std::vector<std::string> problems;  ///< "config.toml:4:12: SMB.Password: …", one for each
        std::vector<std::string> warnings;
        std::vector<std::string> changed;        ///< keys, as "Schedule.MaxBackups"
        std::vector<std::string> needs_restart;  ///< keys that a running daemon cannot take over
    };
};

}  // namespace sb::rpc
