#pragma once
// The file in LocalPath that says which installation makes the backups of a cluster there. Two installations for one
// cluster would delete each other's copies and share its export slots; two for different clusters are no problem, so
// each cluster has a file. Pure.

#include "common/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sb::core {

inline constexpr std::string_view owner_file_prefix = ".scale-backup-owner-";

struct LocalPathOwner {
    std::string installation;  ///< random; lost with the journal
    std::string host;          ///< the machine, for people
    std::string state;         ///< its state directory
    UtcTime seen;              ///< for people: clocks differ, so no decision depends on it
    bool stopped = false;      ///< it has ended
    bool operator==(LocalPathOwner const&) const = default;
};

std::string owner_text(LocalPathOwner const& owner);
/// Nothing if the text does not name an installation.
std::optional<LocalPathOwner> parse_owner(std::string_view text);

/// Whether an installation other than `mine` may be alive, from the file alone. `is_first_look`: of this process. The
/// same state directory on the same machine can have only one daemon, so it is `mine` after its journal was lost.
bool may_be_alive(LocalPathOwner const& found, LocalPathOwner const& mine, bool is_first_look);

}  // namespace sb::core
