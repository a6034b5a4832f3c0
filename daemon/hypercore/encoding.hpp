#pragma once
// How logins and names are written into requests: percent-encoding (RFC 3986), HTTP Basic authentication (RFC 7617),
// and the smb:// URI of a folder on the share.

#include "common/config/model.hpp"
#include "common/secret.hpp"

#include <string>
#include <string_view>

namespace sb::hypercore {

/// Everything but letters, digits and -._~ becomes %XX, so that any text is a single part of a URI.
std::string percent_encode(std::string_view text);

/// "Basic dXNlcjpwYXNz": the value of the Authorization header, UTF-8.
Secret basic_authorization(std::string const& username, Secret const& password);

/// smb://[domain;]user:password@host[:port]/share/folder, each part percent-encoded
/// (form: the vendor's examples; that HyperCore decodes it: clients in production rely on it).
Secret smb_uri(config::Smb const& smb, std::string_view folder);

}  // namespace sb::hypercore
