#pragma once
// The arguments and options that were given to a command, checked against its description and read by name.

#include "common/ids.hpp"
#include "ctl/cli/command.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// The values of one command line. To ask for a name that the command's description lacks is a bug (std::logic_error).
class Arguments {
public:
    explicit Arguments(CommandSpec const& command) : command_(&command) {}

    CommandSpec const& command() const { return *command_; }
    void add(std::string_view name, std::string value);

    /// Whether this argument or option was given.
    bool has(std::string_view name) const;
    /// What was given; else the option's default, or nothing.
    std::string text(std::string_view name) const;
    /// All values of an argument that repeats.
    std::vector<std::string> texts(std::string_view name) const;
    int number(std::string_view name) const;
    std::optional<JobId> job(std::string_view name) const;

private:
    void require_known(std::string_view name) const;

    CommandSpec const* command_;
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// `words` are the arguments, `options` (by name, without dashes) the options that were given. Errors are usage errors.
Result<Arguments> read_arguments(CommandSpec const& command, std::vector<std::string> const& words,
                                 std::map<std::string, std::string> const& options);

/// Errc::invalid_params, with a hint where the help is: of this command, or the overview.
Error usage_error(std::string text, CommandSpec const* command = nullptr);

/// "unknown WHAT 'given'", with a did-you-mean if a known word is near.
Error unknown_word(std::string_view what, std::string const& given, std::vector<std::string_view> const& known,
                   CommandSpec const* command = nullptr);
Error unknown_command(std::string const& given);

}  // namespace sb::ctl
