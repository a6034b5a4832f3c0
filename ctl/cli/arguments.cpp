#include "ctl/cli/arguments.hpp"

#include "common/text/suggestion.hpp"
#include "common/text/utf8.hpp"
#include "common/text/whole_number.hpp"
#include "ctl/cli/help.hpp"
#include "ctl/render/display_width.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sb::ctl {
namespace {

/// "a, b or c".
std::string alternatives(std::vector<Choice> const& choices) {
    std::string text;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
        text += choices[i].word;
    }
    return text;
}

/// No name is that long, and a request with it would exceed what the daemon reads (rpc::max_request_line).
constexpr std::size_t longest_value = 32UL * 1024;

/// A name in another encoding would reach the daemon with replacement characters, and could be that of another backup.
/// The path of a file is for the system, which takes any bytes.
Result<void> check_text(CommandSpec const& command, ValueRule const& rule, std::string const& name,
                        std::string const& value) {
    if (value.size() > longest_value)
        return usage_error(name + " is too long: " + std::to_string(value.size()) + " bytes, at most " +
                               std::to_string(longest_value) + " are possible",
                           &command);
    if (rule.kind != ValueKind::file && !is_utf8(value))
        return usage_error(name + " is not valid UTF-8: " + in_quotes(value), &command);
    return {};
}

/// `name` is what the user knows the value by: "--limit", "SHELL".
Result<void> check_value(CommandSpec const& command, ValueRule const& rule, std::string const& name,
                         std::string const& value) {
    if (auto const text = check_text(command, rule, name, value); !text) return text;
    auto const shown = in_quotes(value);
    switch (rule.kind) {
        case ValueKind::number: {
            auto const number = whole_number<int>(value);
            if (number && *number >= rule.least && *number <= rule.most) return {};
            auto const range = std::to_string(rule.least) + " to " + std::to_string(rule.most);
            return usage_error(name + " takes a whole number from " + range + ", got " + shown, &command);
        }
        case ValueKind::choice:
            if (std::ranges::find(rule.choices, value, &Choice::word) != rule.choices.end()) return {};
            return usage_error(name + " takes " + alternatives(rule.choices) + ", got " + shown, &command);
        case ValueKind::job:
        case ValueKind::unfinished_job: {
            auto const id = whole_number<JobId>(value);
            if (id && *id > 0) return {};
            return usage_error(shown + " is not a job id; 'scale-backupctl jobs' lists them", &command);
        }
        case ValueKind::command:
            if (find_command(value) != nullptr) return {};
            return unknown_command(value);
        case ValueKind::new_name:
        case ValueKind::file:
        case ValueKind::vm:
        case ValueKind::earlier_vm:
        case ValueKind::disk:
        case ValueKind::backup:
        case ValueKind::unprotected_backup:
        case ValueKind::protected_backup:
        case ValueKind::unaccepted_backup:
        case ValueKind::deleted_backup:
            if (!value.empty()) return {};
            if (name.starts_with("--")) return usage_error(name + " is empty", &command);
            return Error{Errc::invalid_params, name + " is empty. Usage: " + usage_of(command)};
    }
    return {};
}

/// Names may hold spaces, and then a shell takes them apart.
bool takes_names(CommandSpec const& command) {
    return std::ranges::any_of(command.arguments, [](Argument const& argument) {
        auto const kind = argument.value.kind;
        return kind != ValueKind::choice && kind != ValueKind::command && kind != ValueKind::job &&
               kind != ValueKind::unfinished_job && kind != ValueKind::number;
    });
}

Error missing_arguments(CommandSpec const& command, std::size_t given) {
    std::string names;
    for (auto const& argument : command.arguments) {
        if (given > 0) --given;
        else if (!argument.optional) names += (names.empty() ? "" : " and ") + std::string(argument.name);
    }
    return {Errc::invalid_params, "missing " + names + ". Usage: " + usage_of(command)};
}

Error unexpected_argument(CommandSpec const& command, std::string const& word) {
    auto const hint = takes_names(command) ? " (a name with spaces needs quotes)" : "";
    return {Errc::invalid_params, "unexpected " + in_quotes(word) + hint + ". Usage: " + usage_of(command)};
}

Result<void> add_words(Arguments& arguments, std::vector<std::string> const& words) {
    auto const& command = arguments.command();
    auto const& known = command.arguments;
    bool const repeats = !known.empty() && known.back().repeats;
    auto const least = static_cast<std::size_t>(std::ranges::count(known, false, &Argument::optional));
    if (words.size() < least) return missing_arguments(command, words.size());
    if (words.size() > known.size() && !repeats) return unexpected_argument(command, words[known.size()]);
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto const& argument = known[std::min(i, known.size() - 1)];
        auto const good = check_value(command, argument.value, std::string(argument.name), words[i]);
        if (!good) return good;
        arguments.add(argument.name, words[i]);
    }
    return {};
}

Result<void> add_options(Arguments& arguments, std::map<std::string, std::string> const& options) {
    auto const& command = arguments.command();
    for (auto const& [name, value] : options) {
        auto const known = std::ranges::find(command.options, name, &Option::name);
        if (known == command.options.end())
            return usage_error(in_quotes(command.word) + " has no option '--" + name + "'", &command);
        if (!known->value_name.empty()) {
            auto const good = check_value(command, known->value, "--" + name, value);
            if (!good) return good;
        }
        arguments.add(name, value);
    }
    return {};
}

}  // namespace

void Arguments::require_known(std::string_view name) const {
    bool const is_argument = std::ranges::find(command_->arguments, name, &Argument::name) != command_->arguments.end();
    bool const is_option = std::ranges::find(command_->options, name, &Option::name) != command_->options.end();
    if (!is_argument && !is_option)
        throw std::logic_error(std::string(command_->word) + " does not declare " + std::string(name));
}

void Arguments::add(std::string_view name, std::string value) {
    require_known(name);
    values_[std::string(name)].push_back(std::move(value));
}

bool Arguments::has(std::string_view name) const {
    require_known(name);
    return values_.contains(name);
}

std::string Arguments::text(std::string_view name) const {
    require_known(name);
    auto const given = values_.find(name);
    if (given != values_.end()) return given->second.front();
    auto const option = std::ranges::find(command_->options, name, &Option::name);
    return option == command_->options.end() ? std::string() : std::string(option->default_value);
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
    require_known(name);
    auto const given = values_.find(name);
    return given == values_.end() ? std::vector<std::string>() : given->second;
}

int Arguments::number(std::string_view name) const { return whole_number<int>(text(name)).value_or(0); }

std::optional<JobId> Arguments::job(std::string_view name) const { return whole_number<JobId>(text(name)); }

Result<Arguments> read_arguments(CommandSpec const& command, std::vector<std::string> const& words,
                                 std::map<std::string, std::string> const& options) {
    Arguments arguments(command);
    auto const options_fit = add_options(arguments, options);
    if (!options_fit) return options_fit.error();
    auto const words_fit = add_words(arguments, words);
    if (!words_fit) return words_fit.error();
    if (command.check != nullptr) {
        auto const together = command.check(arguments);
        if (!together) return together.error();
    }
    return arguments;
}

Error usage_error(std::string text, CommandSpec const* command) {
    std::string const word = command != nullptr ? std::string(command->word) + " " : std::string();
    text += text.ends_with('?') ? " See '" : ". See '";
    return {Errc::invalid_params, std::move(text) + "scale-backupctl " + word + "--help'"};
}

Error unknown_word(std::string_view what, std::string const& given, std::vector<std::string_view> const& known,
                   CommandSpec const* command) {
    auto text = "unknown " + std::string(what) + " " + in_quotes(given);
    if (auto const near = nearest_word(given, known)) text += "; did you mean " + in_quotes(*near) + "?";
    return usage_error(std::move(text), command);
}

Error unknown_command(std::string const& given) {
    std::vector<std::string_view> known;
    for (auto const& command : command_table())
        if (!command.internal) known.push_back(command.word);
    return unknown_word("command", given, known);
}

}  // namespace sb::ctl
