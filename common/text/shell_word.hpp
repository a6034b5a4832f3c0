#pragma once
// Words for commands that a message asks a person to type.

#include <string>
#include <string_view>

namespace sb {

/// One word for a POSIX shell: as it is if nothing in it means something to the shell, else in single quotes.
std::string shell_word(std::string_view text);

}  // namespace sb
