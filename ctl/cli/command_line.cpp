#include "ctl/cli/command_line.hpp"

#include "ctl/cli/global_options.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <map>
#include <span>

namespace sb::ctl {
namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr auto words_key = "words";

/// The options of all commands, by name.
std::map<std::string, bool> const& options_of_commands() {
    static std::map<std::string, bool> const all = [] {
        require_distinct_options(command_table());
        std::map<std::string, bool> takes_value;
        for (auto const& command : command_table())
            for (auto const& option : command.options)
                takes_value[std::string(option.name)] = !option.value_name.empty();
        return takes_value;
    }();
    return all;
}

po::options_description all_options() {
    po::options_description options;
    auto add = options.add_options();
    auto const declare = [&add](std::string const& name, bool takes_value) {
        if (takes_value) add(name.c_str(), po::value<std::string>());
        else add(name.c_str(), po::bool_switch());
    };
    for (auto const& global : global_options()) {
        std::string name(global.option.name);
        if (global.letter != 0) name += std::string{',', global.letter};
        declare(name, !global.option.value_name.empty());
    }
    for (auto const& [name, takes_value] : options_of_commands()) declare(name, takes_value);
    add(words_key, po::value<Words>());
    return options;
}

/// The words that are read as options: those before "--".
std::span<std::string const> words_with_options(Words const& words) {
    return {words.begin(), std::ranges::find(words, "--")};
}

/// The command that an option error is about, as far as it can be known: the options could not be read.
CommandSpec const* command_in(Words const& words) {
    for (auto const& word : words_with_options(words))
        if (auto const* const command = find_command(word)) return command;
    return nullptr;
}

Error unknown_option(std::string const& given, CommandSpec const* command) {
    Words words;
    for (auto const& global : global_options()) words.push_back("--" + std::string(global.option.name));
    if (command != nullptr)
        for (auto const& option : command->options) words.push_back("--" + std::string(option.name));
    else
        for (auto const& [name, takes_value] : options_of_commands()) words.push_back("--" + name);
    return unknown_word("option", given, {words.begin(), words.end()}, command);
}

bool has_value(std::string const& option) {
    for (auto const& global : global_options())
        if ("--" + std::string(global.option.name) == option) return !global.option.value_name.empty();
    auto const found = options_of_commands().find(option.substr(std::min<std::size_t>(2, option.size())));
    return found != options_of_commands().end() && found->second;
}

/// The library's own sentences are about its terms, not about ours.
Error bad_option(po::error const& error, CommandSpec const* command) {
    if (auto const* const unknown = dynamic_cast<po::unknown_option const*>(&error))
        return unknown_option(unknown->get_option_name(), command);
    if (auto const* const repeated = dynamic_cast<po::multiple_occurrences const*>(&error))
        return usage_error(repeated->get_option_name() + " may be given only once", command);
    if (auto const* const syntax = dynamic_cast<po::invalid_command_line_syntax const*>(&error)) {
        auto const option = syntax->get_option_name();
        if (!option.empty())
            return usage_error(option + (has_value(option) ? " needs a value" : " takes no value"), command);
    }
    return usage_error(error.what(), command);
}

Result<po::variables_map> read_options(Words const& words) {
    using style = po::command_line_style::style_t;
    // No guessing: a script that says --det today must not mean something else when a new option comes.
    int const strict = style::unix_style & ~style::allow_guessing;
    static po::options_description const options = all_options();
    po::positional_options_description positional;
    positional.add(words_key, -1);
    try {
        po::variables_map values;
        po::command_line_parser parser(words);
        po::store(parser.options(options).positional(positional).style(strict).run(), values);
        return values;
    } catch (po::error const& e) {
        return bad_option(e, command_in(words));
    }
}

bool is_set(po::variables_map const& values, std::string const& name) { return values[name].as<bool>(); }

/// The options that belong to single commands, as far as they were given.
std::map<std::string, std::string> command_options_in(po::variables_map const& values) {
    std::map<std::string, std::string> given;
    for (auto const& [name, takes_value] : options_of_commands()) {
        if (takes_value && values.count(name) > 0) given[name] = values[name].as<std::string>();
        if (!takes_value && is_set(values, name)) given[name] = "";
    }
    return given;
}

std::string socket_from(SocketSources const& sockets) {
    if (sockets.environment && !sockets.environment->empty()) return *sockets.environment;
    return sockets.system_default;
}

/// What --help and --version stand for.
Result<Arguments> read_as_command(std::string_view word, Words const& words,
                                  std::map<std::string, std::string> const& options) {
    return read_arguments(*find_command(word), words, options);
}

Result<Arguments> read_command(po::variables_map const& values) {
    Words words;
    if (values.count(words_key) > 0) words = values[words_key].as<Words>();
    auto const* const command = words.empty() ? nullptr : find_command(words.front());
    if (!words.empty() && command == nullptr) return unknown_command(words.front());
    if (is_set(values, "help")) {
        if (command == nullptr) return read_as_command("help", {}, {});
        return read_as_command("help", {words.front()}, {});
    }
    if (is_set(values, "version")) return read_as_command("version", {}, {{"client", ""}});
    if (command == nullptr) return usage_error("no command given");
    words.erase(words.begin());
    return read_arguments(*command, words, command_options_in(values));
}

CommandSpec const* internal_command(Words const& words) {
    if (words.empty()) return nullptr;
    auto const found = std::ranges::find(command_table(), words.front(), &CommandSpec::word);
    return found != command_table().end() && found->internal ? &*found : nullptr;
}

}  // namespace

bool wants_json(std::vector<std::string> const& words) {
    return internal_command(words) == nullptr && std::ranges::count(words_with_options(words), "--json") > 0;
}

Result<Invocation> parse_command_line(std::vector<std::string> const& words, SocketSources const& sockets) {
    GlobalOptions options;
    options.socket = socket_from(sockets);
    if (auto const* const command = internal_command(words)) {
        Arguments arguments(*command);
        for (std::size_t i = 1; i < words.size(); ++i) arguments.add(command->arguments.front().name, words[i]);
        return Invocation{std::move(options), std::move(arguments)};
    }
    auto const values = read_options(words);
    if (!values) return values.error();
    options.json = is_set(*values, "json");
    options.no_color = is_set(*values, "no-color");
    if (values->count("socket") > 0) options.socket = (*values)["socket"].as<std::string>();
    if (options.socket.empty()) return usage_error("--socket needs a path");
    auto arguments = read_command(*values);
    if (!arguments) return arguments.error();
    return Invocation{std::move(options), std::move(*arguments)};
}

}  // namespace sb::ctl
