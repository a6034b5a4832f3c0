#pragma once
// Characters that a text editor does not show, and that a copy from a web page or a chat brings along: spaces of
// Unicode, zero-width characters, marks of direction. Pure. Internal to this folder.

#include <string>
#include <string_view>

namespace sb::config {

/// With ordinary spaces instead of Unicode's, and without invisible characters. Some systems write the time with such a
/// space before 'PM'.
std::string with_plain_spaces(std::string_view text);

/// The first such character, by name: "U+200B, which is invisible", "U+00A0, which looks like an ordinary space"; ""
/// if there is none.
std::string unusual_character_in(std::string_view text);

}  // namespace sb::config
