#pragma once
// Foreign text (names of VMs, words of a server) made safe for one line of a log, an email or a terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace sb {

/// Valid UTF-8 on one line: whatever ends a line and tabs become spaces; other control characters, bytes that are not
/// UTF-8, and marks that reverse the direction of the text after them become U+FFFD. At most `most` bytes, followed by
/// " …" if something was cut. An ordinary name stays as it is.
std::string one_line(std::string_view text, std::size_t most = 500);

}  // namespace sb
