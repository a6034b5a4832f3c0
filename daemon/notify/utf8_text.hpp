#pragma once
// Text of unknown origin (a hook's output, a VM's name) made fit to stand in a mail.

#include <string>
#include <string_view>

namespace sb::notify {

/// Valid UTF-8 without control characters: what is neither becomes U+FFFD. Line ends (LF, CRLF) become LF, tabs stay.
std::string clean_text(std::string_view text);
/// The same on one line: line ends and tabs become blanks. For headers, where a line end would begin a new one.
std::string clean_line(std::string_view text);

bool is_ascii(std::string_view text);

/// The number of bytes, at most `most`, that end on a character's border. The text is valid UTF-8.
std::size_t whole_characters(std::string_view text, std::size_t most);

}  // namespace sb::notify
