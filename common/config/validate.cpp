#include "common/config/validate.hpp"

#include "common/config/invisible.hpp"
#include "common/config/key.hpp"
#include "common/config/values.hpp"
#include "common/text/suggestion.hpp"

#include <algorithm>

namespace sb::config {
namespace {

std::string listed_names(std::vector<std::string_view> const& words, std::string_view before, std::string_view after) {
    std::string text;
    for (auto const word : words) {
        if (!text.empty()) text += ", ";
        text.append(before).append(word).append(after);
    }
    return text;
}

/// Those that a new file should use.
std::vector<std::string_view> section_names() {
    std::vector<std::string_view> names;
    for (auto const& section : all_sections())
        if (!section.obsolete) names.push_back(section.name);
    return names;
}

/// An obsolete section only if no other has the key.
std::vector<std::string_view> sections_with(std::string_view key) {
    std::vector<std::string_view> names, obsolete;
    for (auto const& section : all_sections())
        if (section.find(key) != nullptr) (section.obsolete ? obsolete : names).push_back(section.name);
    return names.empty() ? obsolete : names;
}

std::string about_unknown_section(Section const& found) {
    auto const belongs_to = sections_with(found.name);
    if (!found.is_table && !belongs_to.empty())
        return "this key is outside its section; it belongs to " + listed_names(belongs_to, "[", "]");
    std::vector<std::string_view> known;
    for (auto const& section : all_sections()) known.push_back(section.name);
    if (auto const meant = nearest_word(found.name, known))
        return "unknown section; did you mean [" + std::string(*meant) + "]?";
    return "unknown section; the sections are " + listed_names(section_names(), "[", "]");
}

std::string about_unknown_key(KeySection const& section, std::string_view key) {
    std::vector<std::string_view> known;
    for (auto const& other : section.keys) known.push_back(other.name);
    if (auto const meant = nearest_word(key, known)) return "unknown key; did you mean '" + std::string(*meant) + "'?";
    auto const elsewhere = sections_with(key);
    if (!elsewhere.empty()) return "unknown key in this section; it belongs to " + listed_names(elsewhere, "[", "]");
    return "unknown key; [" + std::string(section.name) + "] has " + listed_names(known, "", "");
}

std::string_view expected_kind(Kind kind) {
    switch (kind) {
        case Kind::text: return "a string in quotes";
        case Kind::text_or_list: return "a string in quotes or a list of strings";
        case Kind::integer: return "a whole number without quotes";
        case Kind::boolean: break;
    }
    return "true or false without quotes";
}

void report_wrong_kind(Report& report, Key const& key, Value const& value, Kind expected) {
    report.problem(value.place, key.full_name(),
                   "this must be " + std::string(expected_kind(expected)) + ", not " + std::string(value.kind_name) +
                       "; allowed: " + key.allowed);
}

/// A name with an invisible character looks right and is another name.
void report_unusual_character(Report& report, Key const& key, Value const& value) {
    if (key.secret || key.any_space) return;
    auto const character = unusual_character_in(value.text);
    if (!character.empty())
        report.remark(value.place, key, "warning: this contains the character " + character + "; is that intended?");
}

/// Whether there is a text to parse. Otherwise what is wrong is reported; an empty one is not set, unless it must be.
bool has_text(Report& report, Key const& key, Value const& value) {
    if (value.kind != Value::Kind::text) {
        report_wrong_kind(report, key, value, Kind::text);
        return false;
    }
    if (value.text.empty()) {
        if (key.required)
            report.problem(value.place, key.full_name(), "this must not be empty; allowed: " + key.allowed);
        return false;
    }
    auto const control = control_character_in(value.text);
    if (control.empty() || (key.tabs && control == "a tab")) {
        report_unusual_character(report, key, value);
        return true;
    }
    report.problem(value.place, key.full_name(),
                   "this contains " + std::string(control) +
                       ", which is not allowed in a value; in double quotes '\\' starts an escape, in single quotes it "
                       "does not");
    return false;
}

/// The value as a list of the texts in it that can be parsed.
Value texts_in(Report& report, Key const& key, Value const& value) {
    Value list;
    list.kind = Value::Kind::list;
    list.place = value.place;
    if (value.kind != Value::Kind::list) {
        if (value.kind != Value::Kind::text) report_wrong_kind(report, key, value, Kind::text_or_list);
        else if (has_text(report, key, value)) list.items.push_back(value);
        return list;
    }
    if (value.items.empty() && key.required)
        report.problem(value.place, key.full_name(), "the list is empty; allowed: " + key.allowed);
    for (auto const& item : value.items)
        if (has_text(report, key, item)) list.items.push_back(item);
    return list;
}

void read_key(Report& report, Key const& key, Value const& value, Config& config) {
    auto const reject = [&](Place place, std::string const& shown, std::string const& why) {
        report.bad_value(key, place, shown, why);
    };
    switch (key.kind) {
        case Kind::text:
            if (has_text(report, key, value)) key.read(config, value, reject);
            return;
        case Kind::text_or_list: return key.read(config, texts_in(report, key, value), reject);
        case Kind::integer:
            if (value.kind != Value::Kind::integer) return report_wrong_kind(report, key, value, key.kind);
            break;
        case Kind::boolean:
            if (value.kind != Value::Kind::boolean) return report_wrong_kind(report, key, value, key.kind);
            break;
    }
    key.read(config, value, reject);
}

void report_missing_section(Report& report, KeySection const& section) {
    std::vector<std::string_view> needed;
    for (auto const& key : section.keys) {
        if (key.required) needed.push_back(key.name);
        if (key.secret) needed.push_back("Password (or PasswordFile)");
    }
    std::string const name(section.name);
    report.problem(Place{}, name, "the section [" + name + "] is missing; it needs " + listed_names(needed, "", ""));
}

void read_section(Report& report, KeySection const& section, Config& config) {
    auto const* found = report.section(section.name);
    if (found == nullptr) {
        if (section.required) report_missing_section(report, section);
        return;
    }
    std::string const name(section.name);
    if (!found->is_table)
        return report.problem(found->place, name, "this must be a section, written [" + name + "] on its own line");
    section.create(config);
    for (auto const& entry : found->entries) {
        auto const* key = section.find(entry.key);
        if (key != nullptr) read_key(report, *key, entry.value, config);
        else report.problem(entry.place, name + '.' + printable(entry.key), about_unknown_key(section, entry.key));
    }
    for (auto const& key : section.keys)
        if (key.required && report.entry(section.name, key.name) == nullptr)
            report.problem(section.name, key.name, "this key is missing; allowed: " + key.allowed);
}

}  // namespace

void validate(Source const& source, Loaded& loaded) {
    Report report(source, loaded);
    for (auto const& found : source.sections)
        if (find_section(found.name) == nullptr)
            report.problem(found.place, printable(found.name), about_unknown_section(found));
    for (auto const& section : all_sections()) read_section(report, section, loaded.config);
    check_rules(source, loaded, report);
    sort_by_place(loaded.problems);
}

}  // namespace sb::config
