#include "common/config/load.hpp"

#include "common/config/key.hpp"
#include "common/config/source.hpp"
#include "common/config/text_file.hpp"
#include "common/config/toml_guard.hpp"
#include "common/config/toml_text.hpp"
#include "common/config/validate.hpp"
#include "common/secret.hpp"

#include <toml.hpp>

#include <algorithm>
#include <optional>
#include <sstream>

namespace sb::config {
namespace {

constexpr std::size_t most_items_in_list = 100;
constexpr std::size_t most_unknown_names = 200;  // finding a place costs a walk through the file
constexpr int most_repetitions = 20;
constexpr std::size_t longest_repaired = 64 * 1024;           // each repair parses the text again
constexpr std::string_view renamed_section = "\x01repeated";  // no file can hold this byte

std::size_t offset_of(std::string_view text, Place place_in_bytes) {
    std::size_t offset = 0;
    for (int line = 1; line < place_in_bytes.line; ++line) {
        auto const newline = text.find('\n', offset);
        if (newline == std::string_view::npos) return text.size();
        offset = newline + 1;
    }
    auto const column = static_cast<std::size_t>(std::max(place_in_bytes.column, 1));
    return std::min(text.size(), offset + column - 1);
}

std::size_t offset_of(std::string_view text, toml::source_location const& location) {
    return offset_of(text, Place{static_cast<int>(location.line()), static_cast<int>(location.column())});
}

/// Where the key of the value at `offset` begins: toml11 keeps places of values only.
std::size_t start_of_key(std::string_view text, std::size_t offset) {
    auto const is_space = [&](std::size_t i) { return text[i] == ' ' || text[i] == '\t'; };
    std::size_t i = offset;
    while (i > 0 && is_space(i - 1)) --i;
    if (i == 0 || text[i - 1] != '=') return offset;
    --i;
    while (i > 0 && is_space(i - 1)) --i;
    if (i == 0) return offset;
    char const last = text[i - 1];
    if (last == '"' || last == '\'') {
        auto const open = i < 2 ? std::string_view::npos : text.rfind(last, i - 2);
        return open == std::string_view::npos ? offset : open;
    }
    auto const before = text.find_last_of(" \t\n\r,{.=", i - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

/// A number as it is written: toml11 clamps what does not fit into 64 bits.
std::string word_at(std::string_view text, std::size_t offset) {
    auto const rest = text.substr(offset);
    return std::string(rest.substr(0, rest.find_first_of(" \t\r\n,]}#")));
}

Value value_of(toml::value const& node, std::string_view text) {
    Value value;
    value.place = place_at(text, offset_of(text, node.location()));
    switch (node.type()) {
        case toml::value_t::string:
            value.kind = Value::Kind::text;
            value.kind_name = "a string";
            value.text = node.as_string().str;
            break;
        case toml::value_t::integer:
            value.kind = Value::Kind::integer;
            value.kind_name = "a number";
            value.integer = node.as_integer();
            value.text = word_at(text, offset_of(text, node.location()));
            break;
        case toml::value_t::boolean:
            value.kind = Value::Kind::boolean;
            value.kind_name = "a boolean";
            value.boolean = node.as_boolean();
            break;
        case toml::value_t::array:
            value.kind_name = "a list";
            if (node.as_array().size() > most_items_in_list) {
                value.kind_name = "a list of more than 100 values";
                break;
            }
            value.kind = Value::Kind::list;
            for (auto const& item : node.as_array()) {
                // No key accepts a nested list.
                Value plain = item.is_array() ? Value{} : value_of(item, text);
                if (item.is_array()) {
                    plain.place = value.place;
                    plain.kind_name = "a nested list";
                }
                value.items.push_back(std::move(plain));
            }
            break;
        case toml::value_t::floating: value.kind_name = "a number with a fraction"; break;
        case toml::value_t::table: value.kind_name = "a table"; break;
        case toml::value_t::empty: value.kind_name = "nothing"; break;
        default: value.kind_name = "a date or time without quotes"; break;
    }
    return value;
}

Source source_of(toml::value const& root, std::string_view text, std::string const& filename) {
    Source source;
    source.file = filename;
    source.folder = path_from_utf8(filename).parent_path();
    std::size_t unknown = 0;
    for (auto const& [name, node] : root.as_table()) {
        if (name.starts_with(renamed_section)) continue;
        if (find_section(name) == nullptr && ++unknown > most_unknown_names) continue;
        Section section{name, {}, node.is_table(), {}};
        auto const offset = offset_of(text, node.location());
        section.place = place_at(text, start_of_key(text, offset));
        if (node.is_table()) {
            for (auto const& [key, value] : node.as_table()) {
                if (find_key(name, key) == nullptr && ++unknown > most_unknown_names) continue;
                auto const at = offset_of(text, value.location());
                section.entries.push_back(Entry{key, place_at(text, start_of_key(text, at)), value_of(value, text)});
            }
        }
        source.sections.push_back(std::move(section));
    }
    return source;
}

/// "SMB.Host" for a key below a section's line, as far as the lines above show.
std::string full_name(std::string_view text, std::size_t key_offset) {
    auto const end = text.find_first_of(" \t=\n", key_offset);
    std::string name = printable(text.substr(key_offset, end == std::string_view::npos ? end : end - key_offset));
    auto const header = key_offset == 0 ? std::string_view::npos : text.rfind("\n[", key_offset - 1);
    std::size_t const open = header == std::string_view::npos ? 0 : header + 1;
    auto const close = text.find_first_of("]\n", open);
    if (text.empty() || text[open] != '[' || close == std::string_view::npos || text[close] != ']') return name;
    return printable(text.substr(open + 1, close - open - 1)) + '.' + name;
}

/// Takes a repeated key or section out of the text, so that the rest can be checked anyway. False if that
/// cannot be done here.
bool take_out_repetition(std::string& text, toml::syntax_error const& error, int round, Problem& problem) {
    auto const offset = offset_of(text, error.location());
    auto const length = std::min<std::size_t>(error.location().region(), text.size() - offset);
    auto const marks = marks_in(error.what());
    std::string const first = marks.empty() ? "" : "; it is first in line " + std::to_string(marks.front().line);
    if (text[offset] == '[' && start_of_key(text, offset) == offset) {
        auto const close = text.find(']', offset);
        auto const place = place_at(text, offset);
        problem.line = place.line;
        problem.column = place.column;
        problem.key = printable(text.substr(offset + 1, close == std::string::npos ? 0 : close - offset - 1));
        problem.text = "this section appears twice" + first;
        if (close == std::string::npos || text[offset + 1] == '[' || length != close + 1 - offset) return false;
        text.replace(offset, length, "[\"\\u0001repeated" + std::to_string(round) + "\"]");
        return true;
    }
    auto const key = start_of_key(text, offset);
    auto const place = place_at(text, key);
    problem.line = place.line;
    problem.column = place.column;
    problem.key = full_name(text, key);
    problem.text = "this key appears twice" + first;
    if (key == offset) return false;
    for (std::size_t i = key; i < offset + length; ++i) {
        if (text[i] != '\n') text[i] = ' ';
    }
    return true;
}

Problem syntax_problem(std::string_view text, std::string const& filename, toml::exception const& error) {
    auto const marks = marks_in(error.what());
    Place const pointed =
        marks.empty() ? Place{static_cast<int>(error.location().line()), static_cast<int>(error.location().column())}
                      : marks.back();
    auto const place = place_at(text, offset_of(text, pointed));
    return Problem{filename, place.line, place.column, "", plain_text_of(error.what())};
}

/// Passwords stay in memory as Secret only. (What the TOML library copied for itself is out of reach; a PasswordFile
/// never passes through it.)
void cleanse_secrets(Source& source) {
    for (auto& section : source.sections) {
        for (auto& entry : section.entries) {
            auto const* key = find_key(section.name, entry.key);
            if (key == nullptr || key->secret) cleanse(entry.value.text);
        }
    }
}

toml::value parse_toml(std::string const& text, std::string const& filename) {
    std::istringstream stream(text);
    return toml::parse(stream, filename);
}

/// The text as a source, or nothing if it is not TOML; repeated keys are reported and left out.
std::optional<Source> read_source(std::string text, std::string const& filename, std::vector<Problem>& problems) {
    auto const report_syntax = [&](toml::exception const& error) {
        auto problem = syntax_problem(text, filename, error);
        // The repair itself may have broken the line: then only the repetition is certain.
        if (std::ranges::find(problems, problem.line, &Problem::line) == problems.end()) {
            problems.push_back(std::move(problem));
        }
    };
    for (int round = 0;; ++round) {
        try {
            return source_of(parse_toml(text, filename), text, filename);
        } catch (toml::syntax_error const& error) {
            if (!is_repetition(error.what())) {
                report_syntax(error);
                return std::nullopt;
            }
            Problem problem{filename, 0, 0, "", ""};
            bool const repaired = take_out_repetition(text, error, round, problem);
            problems.push_back(std::move(problem));
            if (!repaired || round >= most_repetitions || text.size() > longest_repaired) return std::nullopt;
        } catch (toml::exception const& error) {
            report_syntax(error);
            return std::nullopt;
        } catch (std::exception const&) {
            // The library reports a few things by other means; its message may quote the file.
            problems.push_back(Problem{filename, 0, 0, "", "this is not valid TOML"});
            return std::nullopt;
        }
    }
}

}  // namespace

Loaded parse(std::string_view text, std::string const& filename, std::filesystem::path const& credentials) {
    Loaded loaded;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (auto const objection = objection_to(text)) {
        loaded.problems.push_back(
            Problem{filename, objection->place.line, objection->place.column, "", objection->text});
        return loaded;
    }
    std::string whole(text);
    // toml11 fails on a lone carriage return at the end.
    if (!whole.ends_with('\n')) whole += '\n';
    auto source = read_source(std::move(whole), filename, loaded.problems);
    if (source) {
        source->credentials = credentials;
        validate(*source, loaded);
        cleanse_secrets(*source);
    } else {
        sort_by_place(loaded.problems);
    }
    return loaded;
}

Loaded load(std::filesystem::path const& path, std::filesystem::path const& credentials) {
    auto text = read_text_file(path, max_config_bytes);
    if (text) {
        auto loaded = parse(*text, utf8_of(path), credentials);
        cleanse(*text);
        return loaded;
    }
    Loaded loaded;
    loaded.problems.push_back(Problem{utf8_of(path), 0, 0, "", text.error().context});
    return loaded;
}

}  // namespace sb::config
