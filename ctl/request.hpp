#pragma once
// From the words of a command line to the command that they ask for: which arguments and options each command
// takes. Reading options off the command line is command_line.cpp's; here they are plain values.

#include "common/error.hpp"
#include "ctl/command.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// An option that belongs to some commands only.
struct CommandOption {
    char const* name;  ///< without dashes
    bool takes_value = false;
};
std::span<CommandOption const> command_options();

struct Request {
    std::vector<std::string> words;                           ///< the command's word and its arguments
    std::map<std::string, std::string, std::less<>> options;  ///< those of command_options() that were given
};

/// `words` begins with a word of command_words(). The error is invalid_params and says what was expected.
Result<Command> command_of(Request const& request);

/// An error with a hint where help is; `command` may be empty or unknown.
Error usage_error(std::string text, std::string_view command = "");

/// 'text'
std::string in_quotes(std::string_view text);

}  // namespace sb::ctl
