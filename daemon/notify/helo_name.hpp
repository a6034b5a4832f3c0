#pragma once
// The name with which the daemon greets a mail server (EHLO, RFC 5321 4.1.4). Many servers refuse or suspect a name
// without a domain.

#include "common/config/model.hpp"

#include <string>
#include <string_view>

namespace sb::notify {

/// [SMTP] HeloName; without it the machine's full name, if it has a domain; else the domain of From. "localhost" if
/// none of them is a name that can be sent. `machine` is a name of this machine, with or without a domain.
std::string helo_name(config::Smtp const& smtp, std::string_view machine);

/// Whether it has a domain and can be sent: letters, digits, hyphens and dots.
bool is_full_name(std::string_view name);

}  // namespace sb::notify
