#pragma once
// Bash gives a completion the line as it was typed, quotes and all, and puts the answer where readline sees the last
// word begin, which is not where the shell does. zsh and fish do both themselves.

#include "ctl/completion/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// A line up to the cursor, read as bash reads it, expansions left alone.
struct BashLine {
    Typed typed;
    /// The part of typed.current that readline keeps in front of what it is given.
    std::string kept;
    char quote = 0;  ///< the one that is open at the cursor: ', " or none
};

/// `breaks` is COMP_WORDBREAKS. The first word, the program's, is dropped.
BashLine read_bash_line(std::string_view line, std::string_view breaks);

/// The candidates that go on from what was typed, as they are to be inserted.
std::vector<std::string> bash_replies(BashLine const& line, std::vector<Candidate> const& candidates);

}  // namespace sb::ctl
