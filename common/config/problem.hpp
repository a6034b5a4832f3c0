#pragma once
// One thing that is wrong with a configuration, with its place, and how a list of them is printed.

#include <string>
#include <vector>

namespace sb::config {

/// Lines and columns count from 1, columns in characters; 0 = the problem has no place (a section that is missing).
/// `key` is 'Section.Key', 'Section' or empty. `text` says what is wrong and what is allowed; it never contains
/// a password, not even a wrong one.
struct Problem {
    std::string file;
    int line = 0;
    int column = 0;
    std::string key;
    std::string text;

    bool operator==(Problem const&) const = default;
};

/// Compiler style: "file:line:col: Section.Key: text". Parts that are not known are left out.
std::string problem_text(Problem const& problem);
/// The same, a line each.
std::string render_problems(std::vector<Problem> const& problems);

/// By place; problems without a place come last.
void sort_by_place(std::vector<Problem>& problems);

/// Text from a file as one line of output: control characters become '?', and it is cut after `longest` characters.
std::string printable(std::string_view text, std::size_t longest = 60);

}  // namespace sb::config
