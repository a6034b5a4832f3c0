#pragma once
// RFC 3986 percent-encoding.

#include <string>
#include <string_view>

namespace sb::hypercore {

/// Everything but letters, digits and -._~ becomes %XX, so that the text is one part of a URI whatever it holds.
std::string percent_encode(std::string_view text);

}  // namespace sb::hypercore
