#pragma once
// Where the cluster writes and reads: a folder on the share, with the login in it.

#include "common/config/model.hpp"
#include "common/secret.hpp"

#include <string>
#include <string_view>

namespace sb::hypercore {

/// smb://[domain;]user:password@host[:port]/share/folder, each part percent-encoded
/// (form: the vendor's examples; that HyperCore decodes it: clients in production rely on it).
Secret smb_uri(config::Smb const& smb, std::string_view folder);

}  // namespace sb::hypercore
