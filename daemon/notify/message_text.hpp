#pragma once
// A whole mail as it goes over the wire (RFC 5322, MIME): headers, an empty line, UTF-8 text, CRLF at every line's end.
// Pure. The sender doubles dots at the start of a line.

#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/ports/mail.hpp"

#include <string>
#include <vector>

namespace sb::notify {

struct Addresses {
    std::string from;
    std::vector<std::string> to;
};

struct Stamp {
    UtcTime when;
    std::string unique;  ///< letters, digits and dots; no two mails have the same
};

/// Error (`invalid_config`): an address that would break the header.
Result<std::string> message_text(Addresses const& addresses, ports::Message const& message, Stamp const& stamp);

}  // namespace sb::notify
