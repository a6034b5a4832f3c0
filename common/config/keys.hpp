#pragma once
// The table of every section and key of config.toml. docs/config.md repeats it for people (a test compares them).

#include <span>
#include <string_view>
#include <vector>

namespace sb::config {

enum class KeyType { text, text_or_list, integer, boolean };

struct KeyRule {
    std::string_view section;
    std::string_view key;
    KeyType type = KeyType::text;
    bool required = false;     ///< within its section
    bool secret = false;       ///< its value is never shown, not even when it is wrong
    std::string_view allowed;  ///< for error messages: "a whole number from 1 to 3"
};

struct SectionRule {
    std::string_view name;
    bool required = false;
};

std::span<KeyRule const> known_keys();
std::span<SectionRule const> known_sections();

/// nullptr for a key that does not exist.
KeyRule const* find_key(std::string_view section, std::string_view key);
/// The keys of one section, in the order of the documentation; empty for a section that does not exist.
std::vector<std::string_view> keys_of(std::string_view section);
/// The sections that have a key of this name.
std::vector<std::string_view> sections_with(std::string_view key);

}  // namespace sb::config
