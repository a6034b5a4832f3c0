#include "common/config/report.hpp"

#include <algorithm>

namespace sb::config {

Section const* Report::section(std::string_view name) const {
    auto const found = std::ranges::find(source_.sections, name, &Section::name);
    return found == source_.sections.end() ? nullptr : &*found;
}

Entry const* Report::entry(std::string_view section_name, std::string_view key) const {
    auto const* in = section(section_name);
    if (in == nullptr) return nullptr;
    auto const found = std::ranges::find(in->entries, key, &Entry::key);
    return found == in->entries.end() ? nullptr : &*found;
}

bool Report::is_set(std::string_view section_name, std::string_view key) const {
    auto const* found = entry(section_name, key);
    return found != nullptr && !(found->value.kind == Value::Kind::text && found->value.text.empty());
}

void Report::problem(Place place, std::string name, std::string text) {
    loaded_.problems.push_back(Problem{source_.file, place.line, place.column, std::move(name), std::move(text)});
}

void Report::problem(std::string_view section_name, std::string_view key, std::string text) {
    auto const* of_key = entry(section_name, key);
    auto const* of_section = section(section_name);
    Place place;
    if (of_key != nullptr) place = of_key->place;
    else if (of_section != nullptr) place = of_section->place;
    problem(place, std::string(section_name) + '.' + std::string(key), std::move(text));
}

void Report::bad_value(Key const& key, Place place, std::string const& shown, std::string const& why) {
    bool const hide = key.echo == Echo::never || (key.echo == Echo::unless_at_sign && shown.find('@') != shown.npos);
    problem(place, key.full_name(), (hide ? why : "'" + printable(shown) + "': " + why) + "; allowed: " + key.allowed);
}

void Report::remark(std::string_view section_name, std::string_view key, std::string text) {
    loaded_.warnings.push_back(
        Problem{source_.file, 0, 0, std::string(section_name) + '.' + std::string(key), std::move(text)});
}

void Report::remark(Place place, Key const& key, std::string text) {
    loaded_.warnings.push_back(Problem{source_.file, place.line, place.column, key.full_name(), std::move(text)});
}

}  // namespace sb::config
