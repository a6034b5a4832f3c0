#pragma once
// What a command of scale-backupctl is: its word, its arguments and options, its help, and the function that runs it.
// Each file in commands/ describes one command (or a pair of opposites), and commands/table.cpp lists them. The command
// line, the help, the completion and the manual page follow from these descriptions.

#include "common/error.hpp"
#include "common/task.hpp"

#include <string_view>
#include <vector>

namespace sb::ctl {

struct Session;
class Arguments;

/// What an argument, or the value of an option, stands for: the command line checks it, completion offers it.
enum class ValueKind {
    new_name,  ///< of something that does not exist yet
    number,    ///< a whole number from ValueRule::least to ValueRule::most
    choice,    ///< one of ValueRule::choices
    command,   ///< the word of a command
    file,
    vm,          ///< a name or a uuid
    earlier_vm,  ///< one that the cluster no longer has
    disk,
    backup,
    unprotected_backup,
    protected_backup,
    unaccepted_backup,  ///< the end of its export is not known
    deleted_backup,
    job,
    unfinished_job,
};

struct Choice {
    std::string_view word;
    std::string_view summary{};
};

struct ValueRule {
    ValueKind kind = ValueKind::new_name;
    std::vector<Choice> choices{};
    int least = 0;
    int most = 0;
};

struct Argument {
    std::string_view name;  ///< as the usage line shows it: "NEW-VM"
    ValueRule value;
    std::string_view help{};  ///< may have several lines; empty = the details explain it
    bool optional = false;
    bool repeats = false;  ///< the last one only
};

struct Option {
    std::string_view name;             ///< without dashes
    std::string_view value_name{};     ///< "N" in "--limit N"; empty = a switch
    ValueRule value{};                 ///< of an option that takes one
    std::string_view default_value{};  ///< holds when the option is not given
    std::string_view help{};
};

struct CommandSpec {
    std::string_view word;
    std::string_view summary{};  ///< for the overview: at most 23 columns
    std::vector<Argument> arguments{};
    std::vector<Option> options{};
    std::string_view details{};                ///< lines of at most 79 columns, the last one without a line end
    std::vector<std::string_view> examples{};  ///< whole command lines
    /// For rules that concern several arguments or options. The error is a usage error.
    Result<void> (*check)(Arguments const& arguments) = nullptr;
    /// Returns the exit code.
    task<int> (*run)(Session& session, Arguments arguments) = nullptr;
    /// Called by the shells' completion files only: no help names it, and all that follows its word is taken as it is.
    bool internal = false;
};

/// In the order of the overview (commands/table.cpp).
std::vector<CommandSpec> const& command_table();
/// Null for an unknown word and for an internal command.
CommandSpec const* find_command(std::string_view word);

}  // namespace sb::ctl
