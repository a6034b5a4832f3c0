#pragma once
// The options that every command takes, in one table: the command line, the help and the completion follow from it.

#include "ctl/cli/command.hpp"

#include <string_view>
#include <vector>

namespace sb::ctl {

struct GlobalOption {
    Option option;                 ///< without a help text, its name explains it
    char letter = 0;               ///< its short form, as in -h
    std::string_view variable{};   ///< of the environment, with the same meaning
    bool shows_text = false;       ///< instead of running a command
    bool without_command = false;  ///< says nothing about a command, so completion does not offer it there
};

/// In the order of the overview.
std::vector<GlobalOption> const& global_options();

/// Throws std::logic_error if an option of a command has the name of a global one or is there twice, or if two commands
/// disagree on whether an option takes a value: options are read before it is known which word is the command.
void require_distinct_options(std::vector<CommandSpec> const& commands);

}  // namespace sb::ctl
