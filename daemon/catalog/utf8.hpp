#pragma once
// UTF-8 taken apart strictly: no overlong forms, no surrogates, nothing above U+10FFFF.

#include <cstddef>
#include <string_view>

namespace sb::catalog {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  ///< 0 = the text does not begin with valid UTF-8
};

/// The first code point of a text that is not empty.
CodePoint first_code_point(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace sb::catalog
