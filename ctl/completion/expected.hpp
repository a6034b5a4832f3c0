#pragma once
// What may stand at the cursor of a command line. Pure: the words before the cursor decide, together with the usage
// lines of command_words(), so that a new command is completed as soon as its usage line names its arguments.

#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// A command line as far as the cursor, without quotes and without the program's name.
struct Typed {
    std::vector<std::string> before;  ///< whole words
    std::string current;              ///< what stands between the last blank and the cursor
};

enum class Expected {
    nothing,  ///< a new name, a number, one word too many
    words,    ///< those of Expectation::words
    files,
    vms,
    backups,  ///< that can be restored or looked at
    protected_backups,
    unprotected_backups,
    jobs,
    unfinished_jobs,
    disks,
};

struct Candidate {
    std::string value;
    std::string note;  ///< a few words about it; may be empty
    bool operator==(Candidate const&) const = default;
};

struct Expectation {
    Expected what = Expected::nothing;
    std::vector<Candidate> words;    ///< for Expected::words
    std::vector<std::string> given;  ///< names that stand there already and make no sense twice
    std::string socket;              ///< of --socket, empty if it was not given
};

Expectation expectation_of(Typed const& typed);

}  // namespace sb::ctl
