#include "common/config/section_reader.hpp"

#include "common/config/values.hpp"
#include "common/text/suggestion.hpp"

#include <algorithm>
#include <stdexcept>

namespace sb::config {
namespace {

KeyRule const& rule_of(std::string_view section, std::string_view key) {
    auto const* rule = find_key(section, key);
    if (rule == nullptr) throw std::logic_error("no such key in the table: " + std::string(key));
    return *rule;
}

bool is_hook(KeyRule const& rule) { return rule.section == "Hooks"; }

std::string joined(std::vector<std::string_view> const& words, std::string_view before, std::string_view after) {
    std::string text;
    for (auto const word : words) {
        if (!text.empty()) text += ", ";
        text.append(before).append(word).append(after);
    }
    return text;
}

}  // namespace

SectionReader::SectionReader(Source const& source, std::string_view section, std::vector<Problem>& problems)
    : file_(source.file), name_(section), problems_(problems) {
    auto const found = std::ranges::find(source.sections, section, &Section::name);
    bool const there = found != source.sections.end();
    if (there && !found->is_table) {
        report_at(found->place, "", "this must be a section, written [" + name_ + "] on a line of its own");
        return;
    }
    if (there) {
        section_ = &*found;
        check_names();
        return;
    }
    auto const rule = std::ranges::find(known_sections(), section, &SectionRule::name);
    if (rule == known_sections().end() || !rule->required) return;
    std::vector<std::string_view> needed;
    for (auto const& key : known_keys()) {
        if (key.section == section && key.required) needed.push_back(key.key);
        if (key.section == section && key.secret) needed.push_back("Password (or PasswordFile)");
    }
    report_at(Place{}, "", "the section [" + name_ + "] is missing; it needs " + joined(needed, "", ""));
}

void SectionReader::check_names() {
    for (auto const& entry : section_->entries) {
        if (find_key(name_, entry.key) == nullptr) {
            report_at(entry.place, printable(entry.key), about_unknown(entry.key));
        }
    }
    for (auto const& rule : known_keys()) {
        if (rule.section != name_ || !rule.required || has(rule.key)) continue;
        report_at(section_->place, rule.key, "this key is missing; allowed: " + std::string(rule.allowed));
    }
}

std::string SectionReader::about_unknown(std::string_view key) const {
    auto const known = keys_of(name_);
    if (auto const meant = nearest_word(key, known)) {
        return "unknown key; did you mean '" + std::string(*meant) + "'?";
    }
    auto const elsewhere = sections_with(key);
    if (!elsewhere.empty()) {
        return "unknown key in this section; it belongs to " + joined(elsewhere, "[", "]");
    }
    return "unknown key; [" + name_ + "] knows " + joined(known, "", "");
}

Entry const* SectionReader::entry_of(std::string_view key) const {
    if (section_ == nullptr) return nullptr;
    auto const found = std::ranges::find(section_->entries, key, &Entry::key);
    return found == section_->entries.end() ? nullptr : &*found;
}

bool SectionReader::is_set(std::string_view key) const {
    auto const* entry = entry_of(key);
    return entry != nullptr && !(entry->value.kind == Value::Kind::text && entry->value.text.empty());
}

void SectionReader::report_at(Place place, std::string_view key, std::string text) {
    std::string const full = key.empty() ? name_ : name_ + '.' + std::string(key);
    problems_.push_back(Problem{file_, place.line, place.column, full, std::move(text)});
}

void SectionReader::report(std::string_view key, std::string text) {
    auto const* entry = entry_of(key);
    Place const nowhere{};
    Place const section = section_ == nullptr ? nowhere : section_->place;
    report_at(entry == nullptr ? section : entry->place, key, std::move(text));
}

void SectionReader::bad_value(std::string_view key, std::string const& shown, Error const& why,
                              std::optional<Place> place) {
    auto const& rule = rule_of(name_, key);
    // Never echo what is or could be a password: 'user:password@host' is a slip that people make.
    bool const hide = rule.secret || is_hook(rule) || (shown.find('@') != std::string::npos && rule.section != "SMTP");
    std::string text = hide ? why.context : "'" + printable(shown) + "': " + why.context;
    text += "; allowed: " + std::string(rule.allowed);
    report_at(place.value_or(entry_of(key)->value.place), key, std::move(text));
}

void SectionReader::wrong_type(KeyRule const& rule, Value const& value, std::string_view expected) {
    report_at(value.place, rule.key,
              "this must be " + std::string(expected) + ", not " + std::string(value.kind_name) +
                  "; allowed: " + std::string(rule.allowed));
}

std::optional<std::string> SectionReader::checked(KeyRule const& rule, Value const& value) {
    if (value.kind != Value::Kind::text) {
        wrong_type(rule, value, "a string in quotes");
        return std::nullopt;
    }
    if (value.text.empty()) {
        if (rule.required) {
            report_at(value.place, rule.key, "this must not be empty; allowed: " + std::string(rule.allowed));
        }
        return std::nullopt;
    }
    auto const control = control_character_in(value.text);
    if (!control.empty() && !(is_hook(rule) && control == "a tab")) {
        report_at(value.place, rule.key,
                  "this holds " + std::string(control) +
                      ", which no value may; in double quotes '\\' starts an escape, single quotes take everything "
                      "as it stands");
        return std::nullopt;
    }
    return value.text;
}

std::optional<std::string> SectionReader::text(std::string_view key) {
    auto const* entry = entry_of(key);
    if (entry == nullptr) return std::nullopt;
    return checked(rule_of(name_, key), entry->value);
}

std::vector<PlacedText> SectionReader::texts(std::string_view key) {
    auto const* entry = entry_of(key);
    if (entry == nullptr) return {};
    auto const& rule = rule_of(name_, key);
    std::vector<PlacedText> found;
    if (entry->value.kind != Value::Kind::list) {
        if (entry->value.kind == Value::Kind::text) {
            if (auto text = checked(rule, entry->value)) found.push_back({*std::move(text), entry->value.place});
        } else {
            wrong_type(rule, entry->value, "a string in quotes or a list of strings");
        }
        return found;
    }
    if (entry->value.items.empty() && rule.required) {
        report_at(entry->value.place, key, "the list is empty; allowed: " + std::string(rule.allowed));
    }
    for (auto const& item : entry->value.items) {
        if (auto text = checked(rule, item)) found.push_back({*std::move(text), item.place});
    }
    return found;
}

std::optional<int> SectionReader::integer(std::string_view key, int least, int most) {
    auto const* entry = entry_of(key);
    if (entry == nullptr) return std::nullopt;
    auto const& rule = rule_of(name_, key);
    if (entry->value.kind != Value::Kind::integer) {
        wrong_type(rule, entry->value, "a whole number without quotes");
        return std::nullopt;
    }
    auto const number = entry->value.integer;
    if (number < least || number > most) {
        bad_value(key, std::to_string(number), Error{Errc::invalid_config, "out of range"});
        return std::nullopt;
    }
    return static_cast<int>(number);
}

std::optional<bool> SectionReader::boolean(std::string_view key) {
    auto const* entry = entry_of(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->value.kind != Value::Kind::boolean) {
        wrong_type(rule_of(name_, key), entry->value, "true or false without quotes");
        return std::nullopt;
    }
    return entry->value.boolean;
}

}  // namespace sb::config
