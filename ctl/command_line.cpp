#include "ctl/command_line.hpp"

#include "common/text/suggestion.hpp"
#include "ctl/request.hpp"
#include "ctl/usage.hpp"

#include <boost/program_options.hpp>

namespace sb::ctl {
namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr auto words_key = "words";
constexpr auto complete_word = "__complete";

po::options_description all_options() {
    po::options_description options;
    auto add = options.add_options();
    add("socket", po::value<std::string>());
    add("json", po::bool_switch());
    add("no-color", po::bool_switch());
    add("help,h", po::bool_switch());
    add("version", po::bool_switch());
    for (auto const& option : command_options()) {
        if (option.takes_value) add(option.name, po::value<std::string>());
        else add(option.name, po::bool_switch());
    }
    add(words_key, po::value<Words>());
    return options;
}

Error unknown_option(std::string const& given) {
    Words words{"--socket", "--json", "--no-color", "--help", "--version"};
    for (auto const& option : command_options()) words.push_back("--" + std::string(option.name));
    std::vector<std::string_view> const known(words.begin(), words.end());
    auto text = "unknown option " + in_quotes(given);
    if (auto const near = nearest_word(given, known)) text += "; did you mean " + in_quotes(*near) + "?";
    return usage_error(std::move(text));
}

Error unknown_command(std::string const& given) {
    std::vector<std::string_view> known;
    for (auto const& command : command_words()) known.push_back(command.word);
    auto text = "unknown command " + in_quotes(given);
    if (auto const near = nearest_word(given, known)) text += "; did you mean " + in_quotes(*near) + "?";
    return usage_error(std::move(text));
}

Result<po::variables_map> read_options(Words const& arguments) {
    using style = po::command_line_style::style_t;
    // No guessing: a script that says --det today must not mean something else when a new option comes.
    int const strict = style::unix_style & ~style::allow_guessing;
    static po::options_description const options = all_options();
    po::positional_options_description positional;
    positional.add(words_key, -1);
    try {
        po::variables_map values;
        po::command_line_parser parser(arguments);
        po::store(parser.options(options).positional(positional).style(strict).run(), values);
        return values;
    } catch (po::unknown_option const& e) {
        return unknown_option(e.get_option_name());
    } catch (po::error_with_option_name const& e) {
        return usage_error(e.what());
    } catch (po::error const& e) {
        return usage_error(e.what());
    }
}

bool is_set(po::variables_map const& values, char const* name) { return values[name].as<bool>(); }

std::optional<std::string> text_of(po::variables_map const& values, char const* name) {
    if (!values.count(name)) return std::nullopt;
    return values[name].as<std::string>();
}

/// What is for the command: its words, and the options that are not for all.
Request request_of(po::variables_map const& values) {
    Request request;
    if (values.count(words_key)) request.words = values[words_key].as<Words>();
    for (auto const& option : command_options()) {
        if (option.takes_value) {
            if (auto const text = text_of(values, option.name)) request.options[option.name] = *text;
        } else if (is_set(values, option.name)) {
            request.options[option.name] = "";
        }
    }
    return request;
}

std::string socket_of(SocketSources const& sockets) {
    if (sockets.environment && !sockets.environment->empty()) return *sockets.environment;
    return sockets.system_default;
}

/// What follows is a command line that is being typed: nothing in it is an option of ours.
Complete complete_of(Words const& arguments) {
    Complete command;
    if (arguments.size() > 1) command.shell = arguments[1];
    if (arguments.size() > 2) command.words.assign(arguments.begin() + 2, arguments.end());
    return command;
}

}  // namespace

Result<Invocation> parse_command_line(std::vector<std::string> const& arguments, SocketSources const& sockets) {
    Invocation invocation;
    auto& options = invocation.options;
    if (!arguments.empty() && arguments.front() == complete_word) {
        options.socket = socket_of(sockets);
        invocation.command = complete_of(arguments);
        return invocation;
    }
    auto const values = read_options(arguments);
    if (!values) return values.error();

    options.json = is_set(*values, "json");
    options.no_color = is_set(*values, "no-color");
    auto const socket = text_of(*values, "socket");
    if (socket && socket->empty()) return usage_error("--socket needs a path");
    options.socket = socket_of(sockets);
    if (socket) options.socket = *socket;

    auto const request = request_of(*values);
    bool const names_a_command = !request.words.empty();
    if (names_a_command && !find_command(request.words.front())) return unknown_command(request.words.front());
    if (is_set(*values, "help")) {
        invocation.command = Help{names_a_command ? request.words.front() : ""};
        return invocation;
    }
    if (is_set(*values, "version")) {
        invocation.command = Version{.only_ours = true};
        return invocation;
    }
    if (!names_a_command) return usage_error("no command given");
    auto command = command_of(request);
    if (!command) return command.error();
    invocation.command = std::move(*command);
    return invocation;
}

}  // namespace sb::ctl
