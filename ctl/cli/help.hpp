#pragma once
// Help, made from the descriptions of the commands. Every page fits on a terminal of 80x24 and ends with an example.

#include "common/json/writer.hpp"
#include "ctl/cli/command.hpp"

#include <string>

namespace sb::ctl {

/// "backup VM NAME [--detach]": the word, its arguments and its options.
std::string usage_of(CommandSpec const& command);

/// What --help prints: the page of a command, or the overview of all for none.
std::string help_page(CommandSpec const* command);

/// The same for programs, as one JSON document: an object, or an array of all.
std::string help_json(CommandSpec const* command, json::Layout layout);

}  // namespace sb::ctl
