#pragma once
// One header field of a mail (RFC 5322), folded and, where it is not ASCII, encoded (RFC 2047). No value can start
// another field.

#include <string>
#include <string_view>
#include <vector>

namespace sb::notify {

/// "Subject: …\r\n" of any text; more than 400 bytes of it are cut.
std::string text_field(std::string_view name, std::string_view text);
/// "To: a@b,\r\n c@d\r\n". The addresses are plain ones (see is_plain_address).
std::string address_field(std::string_view name, std::vector<std::string> const& addresses);

/// local@domain without spaces, brackets, commas or control characters.
bool is_plain_address(std::string_view address);

}  // namespace sb::notify
