#pragma once
// A parsed TOML text as plain values with places: what lies between the TOML library (load.cpp) and the rules
// (validate.cpp), so that neither knows the other. Internal to this folder.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sb::config {

/// Counted from 1; 0 = unknown.
struct Place {
    int line = 0;
    int column = 0;
};

struct Value {
    enum class Kind { text, integer, boolean, list, other };

    Place place;
    Kind kind = Kind::other;
    std::string_view kind_name;  ///< for people: "a string", "a date"
    std::string text;            ///< of a text; of an integer as it is written
    std::int64_t integer = 0;
    bool boolean = false;
    std::vector<Value> items;  ///< of a list
};

struct Entry {
    std::string key;
    Place place;
    Value value;
};

/// A table at the top of the file, or any other value under a section's name.
struct Section {
    std::string name;
    Place place;
    bool is_table = true;
    std::vector<Entry> entries;
};

struct Source {
    std::string file;                   ///< as problems name it
    std::filesystem::path folder;       ///< relative paths start here
    std::filesystem::path credentials;  ///< the service manager's folder of secrets; empty = none
    std::vector<Section> sections;
};

}  // namespace sb::config
