#pragma once
// The pathURI of an export or import: smb://[domain;]user:password@host[:port]/share[/dir…]/folder.
// RFC 3986: split first, then percent-decode each part.

#include "common/error.hpp"
#include "common/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

struct SmbUri {
    std::string domain;  ///< empty if there is none; ";user" has an empty one
    std::string user;
    Secret password;
    std::string host;  ///< an IPv6 address is stored without its brackets
    std::uint16_t port = 445;
    std::string share;
    std::vector<std::string> directories;  ///< between share and folder; must exist already
    std::string folder;                    ///< last component: the only one that an export creates
};

/// Errc::invalid_params describes the problem, without the user-info. Refuses another scheme, a raw '@' in the
/// password,
/// '%' without two hex digits, a query or fragment, a missing folder, and a component that would leave its directory
/// ("..", or a percent-encoded separator or NUL).
Result<SmbUri> parse_smb_uri(std::string_view uri);

/// Encodes every byte except letters, digits and -._~ as %XX, for one component of a URI.
std::string percent_encode(std::string_view text);

}  // namespace sb::sim
