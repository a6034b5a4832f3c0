#pragma once
// Bash passes a completion the line as it was typed, with its quotes, and inserts the answer where the last word begins
// for readline, which is not where it begins for the shell. zsh and fish handle both themselves.

#include "ctl/cli/completion.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// A line up to the cursor, read as bash reads it, expansions left alone.
struct BashLine {
    Typed typed;
    /// The part of typed.current that readline keeps in front of a reply.
    std::string kept;
    char quote = 0;  ///< the one that is open at the cursor: ', " or none
};

/// `breaks` is COMP_WORDBREAKS. The first word, the program's, is dropped.
BashLine read_bash_line(std::string_view line, std::string_view breaks);

/// The candidates that continue what was typed, as they are to be inserted.
std::vector<std::string> bash_replies(BashLine const& line, std::vector<Candidate> const& candidates);

}  // namespace sb::ctl
