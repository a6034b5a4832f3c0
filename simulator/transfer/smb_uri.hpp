#pragma once
// The pathURI of an export or import: smb://[domain;]user:password@host[:port]/share[/dir…]/folder.
// RFC 3986: split first, percent-decode each part afterwards (section 3.5 of the facts).

#include "common/error.hpp"
#include "common/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

struct SmbUri {
    std::string domain;  ///< empty when there is none; ";user" has an empty one
    std::string user;
    Secret password;
    std::string host;  ///< an IPv6 address stands here without its brackets
    std::uint16_t port = 445;
    std::string share;
    std::vector<std::string> directories;  ///< between share and folder; must exist already
    std::string folder;                    ///< last component: the only one that an export creates
};

/// Errc::invalid_params says what is wrong, without the user-info. Refused: another scheme, a raw '@' in the
/// password, '%' without two hex digits, a query or fragment, no folder, and a component that would leave its
/// directory ("..", or a separator or NUL that was percent-encoded).
Result<SmbUri> parse_smb_uri(std::string_view uri);

/// Every byte but letters, digits and -._~ as %XX: fit for one component of a URI.
std::string percent_encode(std::string_view text);

}  // namespace sb::sim
