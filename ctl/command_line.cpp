#include "ctl/command_line.hpp"

#include "common/text/suggestion.hpp"
#include "ctl/usage.hpp"

#include <boost/program_options.hpp>

#include <charconv>

namespace sb::ctl {
namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr auto words_key = "words";
constexpr int limit_max = 100'000;

Error usage_error(std::string text, std::string_view command = "") {
    std::string hint = "; see 'scale-backupctl ";
    if (find_command(command)) hint += std::string(command) + " ";
    return {Errc::invalid_params, std::move(text) + hint + "--help'"};
}

po::options_description all_options() {
    po::options_description options;
    auto add = options.add_options();
    add("socket", po::value<std::string>());
    add("json", po::bool_switch());
    add("no-color", po::bool_switch());
    add("help,h", po::bool_switch());
    add("version", po::bool_switch());
    add("detach", po::bool_switch());
    add("limit", po::value<std::string>());
    add(words_key, po::value<Words>());
    return options;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

Error unknown_option(std::string const& given) {
    static std::vector<std::string_view> const known{"--socket", "--json",   "--no-color", "--help",
                                                     "--version", "--detach", "--limit"};
    auto text = "unknown option " + quoted(given);
    if (auto const near = nearest_word(given, known)) text += "; did you mean " + quoted(*near) + "?";
    return usage_error(std::move(text));
}

Error unknown_command(std::string const& given) {
    std::vector<std::string_view> known;
    for (auto const& command : command_words()) known.push_back(command.word);
    auto text = "unknown command " + quoted(given);
    if (auto const near = nearest_word(given, known)) text += "; did you mean " + quoted(*near) + "?";
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

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// The command's word and what stands behind it.
class Request {
public:
    explicit Request(po::variables_map const& values) : values_(values) {
        if (values.count(words_key)) words_ = values[words_key].as<Words>();
    }

    std::string const& word() const { return words_.front(); }
    bool names_a_command() const { return !words_.empty(); }
    std::size_t arguments() const { return words_.size() - 1; }
    std::string const& argument(std::size_t index) const { return words_[index + 1]; }
    bool detach() const { return is_set(values_, "detach"); }

    Result<Command> command() const {
        if (detach() && word() != "backup" && word() != "restore") return stray_option("--detach");
        if (values_.count("limit") && word() != "jobs") return stray_option("--limit");
        if (word() == "backup") return with_two_names<Backup>();
        if (word() == "restore") return with_two_names<Restore>();
        if (word() == "watch") return watch();
        if (word() == "cancel") return cancel();
        if (arguments() > 0) return wrong_count("takes no arguments");
        if (word() == "jobs") return jobs();
        if (word() == "show-vms") return Command{ShowVms{}};
        if (word() == "show-backups") return Command{ShowBackups{}};
        if (word() == "status") return Command{Status{}};
        return Command{Version{}};
    }

private:
    Error stray_option(std::string_view option) const {
        return usage_error(quoted(word()) + " has no option " + quoted(option), word());
    }

    Error wrong_count(std::string_view expected) const {
        auto text = quoted(word()) + " " + std::string(expected) + ", got " + std::to_string(arguments());
        // The usual reason for one too many: a name with blanks that the shell took apart.
        if (arguments() > 2) text += " (a name with blanks needs quotes)";
        return usage_error(std::move(text), word());
    }

    template <class Kind>
    Result<Command> with_two_names() const {
        bool const backup = std::is_same_v<Kind, Backup>;
        auto const expected = backup ? "takes a VM and a name" : "takes a backup and a new VM's name";
        if (arguments() != 2) return wrong_count(expected);
        for (std::size_t i = 0; i < 2; ++i) {
            if (argument(i).empty()) return usage_error(quoted(word()) + ": an empty name", word());
        }
        return Command{Kind{argument(0), argument(1), detach()}};
    }

    Result<JobId> job_id() const {
        auto const id = whole_number<JobId>(argument(0));
        if (!id || *id == 0) {
            return usage_error(quoted(argument(0)) + " is not a job's id; 'scale-backupctl jobs' lists them", word());
        }
        return *id;
    }

    Result<Command> watch() const {
        if (arguments() == 0) return Command{Watch{}};
        if (arguments() > 1) return wrong_count("takes one job's id or none");
        auto const id = job_id();
        if (!id) return id.error();
        return Command{Watch{*id}};
    }

    Result<Command> cancel() const {
        if (arguments() != 1) return wrong_count("takes one job's id");
        auto const id = job_id();
        if (!id) return id.error();
        return Command{Cancel{*id}};
    }

    Result<Command> jobs() const {
        auto const text = text_of(values_, "limit");
        if (!text) return Command{Jobs{}};
        auto const limit = whole_number<int>(*text);
        if (!limit || *limit < 0 || *limit > limit_max) {
            return usage_error("--limit takes a whole number from 0 to 100000, got " + quoted(*text), word());
        }
        return Command{Jobs{*limit}};
    }

    po::variables_map const& values_;
    Words words_;
};

}  // namespace

Result<Invocation> parse_command_line(std::vector<std::string> const& arguments, SocketSources const& sockets) {
    auto const values = read_options(arguments);
    if (!values) return values.error();

    Invocation invocation;
    auto& options = invocation.options;
    options.json = is_set(*values, "json");
    options.no_color = is_set(*values, "no-color");
    auto const socket = text_of(*values, "socket");
    if (socket && socket->empty()) return usage_error("--socket needs a path");
    options.socket = sockets.system_default;
    if (sockets.environment && !sockets.environment->empty()) options.socket = *sockets.environment;
    if (socket) options.socket = *socket;

    Request const request(*values);
    bool const help = is_set(*values, "help");
    if (request.names_a_command() && !find_command(request.word())) return unknown_command(request.word());
    if (help) {
        invocation.command = Help{request.names_a_command() ? request.word() : ""};
        return invocation;
    }
    if (is_set(*values, "version")) {
        invocation.command = Version{.only_ours = true};
        return invocation;
    }
    if (!request.names_a_command()) return usage_error("no command given");
    auto command = request.command();
    if (!command) return command.error();
    invocation.command = std::move(*command);
    return invocation;
}

}  // namespace sb::ctl
