#include "tests/unit/config/document_text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>

namespace sb::config::testing {
namespace {

constexpr std::size_t widest_line = 120;
constexpr std::size_t comment_column = 36;

constexpr std::string_view example_head =
    "# scale-backup: configuration. docs/config.md describes every key. Check a file with\n"
    "#   scale-backupd --config FILE --check-config\n"
    "# Names are case-sensitive. Text in single quotes is taken literally, in double quotes '\\' starts an escape "
    "(\\\\, \\n).\n"
    "# A file that every user can change, or that every user can read and that contains a password, is rejected "
    "(chmod 0600).\n";

/// The default of a key, as it would be written in the file; nothing if it has none.
std::optional<std::string> default_of(KeySection const& section, Key const& key) {
    Config config;
    section.create(config);
    auto const value = key.value(config);
    bool const quoted = key.kind == Kind::text || key.kind == Kind::text_or_list;
    return value && quoted ? '\'' + *value + '\'' : value;
}

std::string wrapped_comment(std::string_view text) {
    std::string lines;
    std::string line = "#";
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find(' ', at), text.size());
        if (line.size() + 1 + end - at > widest_line) {
            lines += line + '\n';
            line = "#";
        }
        line.append(" ").append(text.substr(at, end - at));
        at = end + 1;
    }
    return lines + line + '\n';
}

std::string example_of(KeySection const& section, Key const& key) {
    bool const set = key.in_example || (section.required && key.required);
    auto line = (set ? "" : "#") + std::string(key.name) + " = " + key.example;
    std::string limits = key.is_choice && key.kind != Kind::boolean ? key.brief.empty() ? key.allowed : key.brief : "";
    auto const worth = key.required || !key.documented_default.empty() ? std::nullopt : default_of(section, key);
    if (worth) limits += (limits.empty() ? "default " : "; default ") + *worth;
    auto const comment = std::string(key.help) + (limits.empty() ? "" : " (" + limits + ')');
    auto const width = std::max(line.size() + 1, comment_column);
    if (width + 2 + comment.size() > widest_line) return wrapped_comment(comment) + line + '\n';
    line.resize(width, ' ');
    return line + "# " + comment + '\n';
}

/// Text in single quotes and {{variables}} as code.
std::string with_code(std::string_view text) {
    std::string marked;
    bool open = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const after_word = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
        if (text[i] == '\'' && (open || !after_word)) {
            marked += open ? "'`" : "`'";
            open = !open;
        } else if (!open && text.substr(i, 2) == "{{") {
            marked += "`{{";
            ++i;
        } else if (!open && text.substr(i, 2) == "}}") {
            marked += "}}`";
            ++i;
        } else {
            marked += text[i];
        }
    }
    return marked;
}

std::string default_cell(KeySection const& section, Key const& key) {
    if (!key.documented_default.empty()) return std::string(key.documented_default);
    if (key.required) return "required";
    auto const worth = default_of(section, key);
    return worth ? '`' + *worth + '`' : std::string(key.absent);
}

}  // namespace

std::string example_file() {
    std::string text(example_head);
    for (auto const& section : all_sections()) {
        Config const untouched;
        bool set = section.is_present(untouched);
        for (auto const& key : section.keys) set = set || key.in_example;
        text += '\n' + std::string(set ? "[" : "#[") + std::string(section.name) + "]\n";
        std::string help(section.help);
        if (!section.if_absent.empty()) help += " Without this section " + std::string(section.if_absent) + '.';
        text += wrapped_comment(help);
        for (auto const& key : section.keys) text += example_of(section, key);
    }
    return text;
}

std::string markdown_table(KeySection const& section) {
    std::string table = "| key | meaning | allowed | default | example | since |\n|---|---|---|---|---|---|\n";
    for (auto const& key : section.keys) {
        auto const effect = key.effect == Effect::restart ? " (needs a restart)" : "";
        table += "| `" + std::string(key.name) + "` | " + with_code(key.help) + effect + " | " +
                 with_code(key.brief.empty() ? key.allowed : key.brief) + " | " + default_cell(section, key) + " | `" +
                 key.example + "` | " + std::string(key.since) + " |\n";
    }
    return table;
}

std::string with_tables(std::string page) {
    for (auto const& section : all_sections()) {
        auto const heading = page.find("\n## [" + std::string(section.name) + "]\n");
        auto const begin = heading == page.npos ? page.npos : page.find("\n| key |", heading);
        if (begin == page.npos)
            throw std::runtime_error("docs/config.md has no table for [" + std::string(section.name) + "]");
        auto const end = std::min(page.find("\n\n", begin), page.size() - 1);
        page.replace(begin + 1, end - begin, markdown_table(section));
    }
    return page;
}

}  // namespace sb::config::testing
