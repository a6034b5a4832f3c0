#pragma once
// Text of unknown origin (a hook's output, a VM's name) made safe for a mail.

#include <string>
#include <string_view>

namespace sb::notify {

/// Valid UTF-8 without control characters: anything else becomes U+FFFD. Line ends (LF, CRLF) become LF, tabs stay.
std::string clean_text(std::string_view text);
/// The same on one line: line ends and tabs become spaces. For headers, where a line end would start a new one.
std::string clean_line(std::string_view text);

}  // namespace sb::notify
