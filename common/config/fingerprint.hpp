#pragma once
// SHA-256 fingerprints of certificates as people write them: '54:41:D0:CA:…'.

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <string>
#include <string_view>

namespace sb::config {

/// 64 hexadecimal digits in either case, with a colon after every second one or none. Blanks around it are
/// ignored. Errc::invalid_config says what is wrong.
Result<Fingerprint> parse_fingerprint(std::string_view text);

/// "54:41:D0:CA:…", upper case with colons.
std::string fingerprint_text(Fingerprint const& fingerprint);

}  // namespace sb::config
