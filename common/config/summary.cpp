#include "common/config/summary.hpp"

#include "common/config/key.hpp"

#include <algorithm>

namespace sb::config {
namespace {

constexpr std::size_t value_column = 32;

/// A value of several lines continues below its first one.
std::string line(std::string_view name, std::string_view value) {
    std::string text = "  " + std::string(name);
    text.resize(std::max(text.size() + 1, value_column), ' ');
    for (char const c : value) {
        text += c;
        if (c == '\n') text.append(value_column, ' ');
    }
    return text + '\n';
}

std::string shown(Key const& key, Config const& config) {
    auto const value = key.value(config);
    if (!value) return '(' + std::string(key.absent) + ')';
    return key.unit.empty() ? *value : *value + ' ' + std::string(key.unit);
}

}  // namespace

std::string summary(Config const& config) {
    std::string text;
    for (auto const& section : all_sections()) {
        bool const present = section.is_present(config);
        if (!present && section.if_absent.empty()) continue;
        if (!text.empty()) text += '\n';
        text.append("[").append(section.name).append("]\n");
        if (!present) {
            text += line("(section absent)", section.if_absent);
            continue;
        }
        for (auto const& key : section.keys) text += line(key.name, shown(key, config));
    }
    return text;
}

}  // namespace sb::config
