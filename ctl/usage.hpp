#pragma once
// The commands that exist, with their help pages. A page fits on a terminal of 80x24 and ends with an example.

#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

struct CommandWord {
    std::string_view word;
    std::string_view arguments;  ///< "VM NAME [--detach]"
    std::string_view summary;    ///< a few words for the overview: at most 23 columns, 25 in the second half
    std::string_view page;       ///< what --help says below the usage line
};

/// In the order in which the overview shows them.
std::vector<CommandWord> const& command_words();
CommandWord const* find_command(std::string_view word);

/// The help of one command; for an empty or unknown word the overview.
std::string help_page(std::string_view word);

}  // namespace sb::ctl
