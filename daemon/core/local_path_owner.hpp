#pragma once
// The file in LocalPath that says which installation makes the backups of a cluster there. Two installations for one
// cluster would delete each other's copies and share its export slots; two for different clusters are no problem, so
// each cluster has a file. Pure.

#include "common/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sb::core {

/// The journal's fact with the name of this installation.
inline constexpr char const* installation_fact = "installation";
inline constexpr std::string_view owner_file_prefix = ".scale-backup-owner-";
/// Of the file in which an installation writes what is then renamed to the owner file.
inline constexpr std::string_view claim_file_prefix = ".scale-backup-claim-";
/// LocalPath with more of these files than this is not used.
inline constexpr std::size_t max_owner_files = 64;

struct LocalPathOwner {
    std::string installation;  ///< random; lost with the journal, and copied with it
    std::string host;          ///< the machine's name, for people; two machines may have the same
    std::string state;         ///< its state directory
    UtcTime seen;              ///< for people: clocks differ, so no decision depends on it
    bool stopped = false;      ///< it has ended
    std::string machine{};     ///< identifies the machine; empty = not known, or of an earlier version
    bool operator==(LocalPathOwner const&) const = default;
};

std::string owner_text(LocalPathOwner const& owner);
/// Nothing if the text does not name an installation.
std::optional<LocalPathOwner> parse_owner(std::string_view text);

/// Whether both have the same state directory on the same machine, which can have only one daemon. If one does not name
/// its machine, the host's name decides.
bool is_same_place(LocalPathOwner const& found, LocalPathOwner const& mine);

/// Whether an installation other than `mine` may be alive, from the file alone. `is_first_look`: of this process.
///
/// | the file                                             | then                                            |
/// |------------------------------------------------------|-------------------------------------------------|
/// | stopped                                              | no                                              |
/// | another place, whatever the installation             | yes: the state directory may have been copied   |
/// | the same place, the same installation                | no: it is `mine`                                |
/// | the same place, another installation, at first       | no: it is `mine` before its journal was lost    |
/// | the same place, another installation, later          | yes: containers with the same names, for example |
bool may_be_alive(LocalPathOwner const& found, LocalPathOwner const& mine, bool is_first_look);

}  // namespace sb::core
