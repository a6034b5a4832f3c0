#pragma once
// What is known of each key of config.toml: one descriptor a key. Reading, did-you-mean, error messages, the summary of
// --check-config, the comparison at a reload, config.toml.example and the tables of docs/config.md follow from it.
// keys.cpp has them all.

#include "common/config/model.hpp"
#include "common/config/source.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sb::config {

/// When a changed value is used.
enum class Effect { reload, restart, none };
/// What TOML calls it. A text is taken as a list of one where a list is allowed.
enum class Kind { text, text_or_list, integer, boolean };
/// Whether an error message may repeat a wrong value. 'user:password@host' is a slip that people make.
enum class Echo { always, unless_at_sign, never };

/// What the values of a key look like.
struct TypeFacts {
    Kind kind = Kind::text;
    std::string allowed{};  ///< for errors and documents: "a whole number from 1 to 3"
    std::string brief{};    ///< instead of `allowed` where there is little space: "1 to 3", "a duration"
    Echo echo = Echo::unless_at_sign;
    bool secret = false;     ///< its value is never shown, not even when it is wrong
    bool tabs = false;       ///< a tab is allowed in it
    bool any_space = false;  ///< Unicode's spaces are spaces in it, and invisible characters are dropped
    bool is_choice = false;  ///< `allowed` is short: config.toml.example repeats it
    std::string_view unit{};
};

/// What people should know of a key.
struct KeyFacts {
    std::string_view name{};
    std::string_view help{};                ///< one line, without a full stop
    std::string example{};                  ///< as it is written in the file; the key accepts it
    std::string_view since = "0.1";         ///< the version that brought it, or "predecessor"
    std::string_view absent = "not set";    ///< what it means if it is not set and has no default
    std::string_view documented_default{};  ///< where the default depends on the system or on another key
    Effect effect = Effect::reload;
    bool required = false;    ///< within its section
    bool in_example = false;  ///< config.toml.example sets it, instead of showing it in a comment
};

/// Called with the place, the wrong text and what is wrong with it.
using Reject = std::function<void(Place, std::string const&, std::string const&)>;

struct Key : KeyFacts, TypeFacts {
    std::string_view section;

    /// Takes a value of the right kind; what is wrong with it goes to `reject`.
    std::function<void(Config&, Value const&, Reject const&)> read;
    /// As in the file, without quotes; "(set)" for a secret; nothing if it is not set.
    std::function<std::optional<std::string>(Config const&)> value;
    std::function<bool(Config const&, Config const&)> equal;
    /// Copies its value between two configurations that have the section.
    std::function<void(Config const& from, Config& to)> copy;

    std::string full_name() const { return std::string(section) + '.' + std::string(name); }
};

struct KeySection {
    std::string_view name;
    std::string_view help;       ///< what it is about
    std::string_view if_absent;  ///< what its absence means; empty = its defaults apply
    bool required = false;
    bool obsolete = false;  ///< accepted in the predecessor's files; messages do not suggest it
    std::vector<Key> keys;  ///< in the order of the documents

    std::function<bool(Config const&)> is_present;
    std::function<void(Config&)> create;  ///< with its defaults, if it is not there

    /// nullptr for a key that does not exist.
    Key const* find(std::string_view key) const;
};

std::span<KeySection const> all_sections();
/// nullptr for a section that does not exist.
KeySection const* find_section(std::string_view name);
/// nullptr for a key that does not exist.
Key const* find_key(std::string_view section, std::string_view key);

}  // namespace sb::config
