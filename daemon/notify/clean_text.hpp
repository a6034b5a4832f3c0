#pragma once
// Text of unknown origin (a hook's output, a VM's name) made safe for a mail.

#include <string>
#include <string_view>

namespace sb::notify {

/// Valid UTF-8 without control characters: anything else becomes U+FFFD. Line ends (LF, CRLF) become LF, tabs stay.
std::string clean_text(std::string_view text);
/// The same on one line: line ends and tabs become spaces. For headers, where a line end would start a new one.
std::string clean_line(std::string_view text);

/// `text`, which a server wrote, with *** for each copy of the password. One of fewer than 4 characters is replaced
/// only where it is not part of a word or number: every word with its letters would be garbled, and "***ort" would
/// show that the password is 'p'.
std::string without_password(std::string_view text, std::string_view password);

}  // namespace sb::notify
