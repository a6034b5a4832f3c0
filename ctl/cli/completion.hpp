#pragma once
// Shell completion: what may stand at the cursor of a command line, decided by the words before it and the descriptions
// of the commands, and which names fit there, out of what the daemon answered. Pure.

#include "common/rpc/methods.hpp"
#include "ctl/cli/command.hpp"
#include "ctl/render/render_options.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// A command line as far as the cursor, without quotes and without the program's name.
struct Typed {
    std::vector<std::string> before;  ///< whole words
    std::string current;              ///< the text between the last space and the cursor
};

struct Candidate {
    std::string value;
    std::string note;  ///< a few words about it; may be empty
    bool operator==(Candidate const&) const = default;
};

struct Expectation {
    std::optional<ValueKind> kind;   ///< nothing: one word more than the command takes, or an unknown command
    std::vector<Candidate> words;    ///< for ValueKind::choice: commands, options, or the words of an argument
    std::vector<std::string> given;  ///< names that are on the line already and make no sense twice
    bool takes_dashes = false;       ///< what begins with '-' is not taken for an option here
    std::string socket;              ///< the value of --socket, empty if it was not given
};

Expectation expectation_of(Typed const& typed);

/// What the daemon answered; only what the expectation needs has been asked for.
struct CompletionFacts {
    std::vector<rpc::VmInfo> vms;
    std::vector<rpc::BackupInfo> backups;
    std::vector<rpc::DeletedInfo> deleted;
    rpc::ListLinks::Reply links;
    std::vector<rpc::JobInfo> jobs;  ///< newest first
};

/// In the order in which they should be shown: names sorted, backups and jobs newest first. A name with control
/// characters is left out: it cannot be typed in a shell, and must not reach a terminal. Where there is one that would
/// be taken for an option, "--" is offered in its place; names that begin with '-' are offered after that.
std::vector<Candidate> candidates_of(Expectation const& expectation, CompletionFacts const& facts,
                                     RenderOptions const& options);

/// The files for the shells (ctl/cli/scale-backupctl.*), as they are installed. CMake makes the .cpp of them.
struct CompletionScripts {
    std::string_view bash, fish, zsh;
};
extern CompletionScripts const completion_scripts;

}  // namespace sb::ctl
