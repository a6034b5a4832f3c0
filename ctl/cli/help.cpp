#include "ctl/cli/help.hpp"

#include "ctl/cli/global_options.hpp"

#include <algorithm>
#include <utility>

namespace sb::ctl {
namespace {

constexpr std::size_t word_width = 13;
constexpr std::size_t column_width = 39;

std::vector<CommandSpec const*> public_commands() {
    std::vector<CommandSpec const*> all;
    for (auto const& command : command_table())
        if (!command.internal) all.push_back(&command);
    return all;
}

std::string overview_entry(CommandSpec const& command) {
    auto text = std::string(command.word);
    text.resize(std::max(text.size() + 1, word_width), ' ');
    return text + std::string(command.summary);
}

std::string term_of(Argument const& argument) { return std::string(argument.name); }

std::string term_of(Option const& option) {
    auto term = "--" + std::string(option.name);
    if (!option.value_name.empty()) term += " " + std::string(option.value_name);
    return term;
}

std::string help_of(Option const& option) {
    std::string text(option.help);
    if (!option.default_value.empty()) text += " (default: " + std::string(option.default_value) + ")";
    std::string before = ":\n";
    for (auto const& choice : option.value.choices) {
        text += std::exchange(before, ";\n") + std::string(choice.word) + ": " + std::string(choice.summary);
    }
    return text;
}

/// Terms and what they mean, in two columns.
std::string explained(std::vector<std::pair<std::string, std::string>> const& terms) {
    std::size_t width = 0;
    for (auto const& [term, meaning] : terms) width = std::max(width, term.size());
    std::string text;
    for (auto const& [term, meaning] : terms) {
        auto line = "  " + term;
        line.resize(2 + width + 2, ' ');
        for (char const c : meaning) {
            line += c;
            if (c == '\n') line.append(2 + width + 2, ' ');
        }
        text += line + "\n";
    }
    return text;
}

std::string overview_head() {
    std::string text = "Usage: scale-backupctl";
    for (auto const& global : global_options())
        if (!global.shows_text) text += " [" + term_of(global.option) + "]";
    return text + " COMMAND ...\n";
}

/// A line for each global option that needs an explanation; the others share the last one, so that the page fits.
std::string overview_tail() {
    std::vector<std::pair<std::string, std::string>> terms;
    std::string others;
    for (auto const& [option, letter, variable, shows_text, without_command] : global_options()) {
        bool const explains = !option.help.empty();
        auto const also = variable.empty() ? "" : (explains ? " (or " : " (") + std::string(variable) + ")";
        if (explains) terms.emplace_back(term_of(option), std::string(option.help) + also);
        else others += (others.empty() ? "; also " : ", ") + term_of(option) + also;
    }
    terms.back().second += others;
    return explained(terms) + "Example: scale-backupctl backup FILE01 'before the update'\n";
}

/// Two columns, read downwards, so that all commands fit on one page.
std::string overview() {
    auto const commands = public_commands();
    auto text = overview_head();
    auto const rows = (commands.size() + 1) / 2;
    for (std::size_t row = 0; row < rows; ++row) {
        auto line = "  " + overview_entry(*commands[row]);
        if (row + rows < commands.size()) {
            line.resize(std::max(line.size() + 1, column_width), ' ');
            line += overview_entry(*commands[row + rows]);
        }
        text += line + "\n";
    }
    return text + overview_tail();
}

std::string page_of(CommandSpec const& command) {
    auto text = "Usage: scale-backupctl " + usage_of(command) + "\n\n" + std::string(command.details) + "\n";
    std::vector<std::pair<std::string, std::string>> terms;
    for (auto const& argument : command.arguments)
        if (!argument.help.empty()) terms.emplace_back(term_of(argument), argument.help);
    for (auto const& option : command.options) terms.emplace_back(term_of(option), help_of(option));
    if (!terms.empty()) text += "\n" + explained(terms);
    text += command.examples.size() > 1 ? "\nExamples:\n" : "\nExample:\n";
    for (auto const example : command.examples) text += "  " + std::string(example) + "\n";
    return text;
}

void write_command(json::Writer& out, CommandSpec const& command) {
    out.begin_object().member("command", command.word).member("usage", std::string_view(usage_of(command)));
    out.member("summary", command.summary).member("details", command.details);
    out.key("arguments").begin_array();
    for (auto const& argument : command.arguments) {
        out.begin_object().member("name", argument.name).member("optional", argument.optional);
        out.member("repeats", argument.repeats).member("help", argument.help).end_object();
    }
    out.end_array().key("options").begin_array();
    for (auto const& option : command.options) {
        out.begin_object().member("name", "--" + std::string(option.name)).member("value", option.value_name);
        out.member("help", std::string_view(help_of(option))).end_object();
    }
    out.end_array().key("examples").begin_array();
    for (auto const example : command.examples) out.string(example);
    out.end_array().end_object();
}

}  // namespace

std::string usage_of(CommandSpec const& command) {
    std::string text(command.word);
    for (auto const& argument : command.arguments) {
        auto const name = std::string(argument.name) + (argument.repeats ? "..." : "");
        text += argument.optional ? " [" + name + "]" : " " + name;
    }
    std::string options;
    for (auto const& option : command.options) options += " [" + term_of(option) + "]";
    // The page has 80 columns. What does not fit is explained below.
    constexpr std::size_t widest = 56;
    text += text.size() + options.size() <= widest ? options : " [OPTION...]";
    return text;
}

std::string help_page(CommandSpec const* command) { return command == nullptr ? overview() : page_of(*command); }

std::string help_json(CommandSpec const* command, json::Layout layout) {
    json::Writer out(layout);
    if (command != nullptr) {
        write_command(out, *command);
        return out.take();
    }
    out.begin_array();
    for (auto const* one : public_commands()) write_command(out, *one);
    out.end_array();
    return out.take();
}

}  // namespace sb::ctl
