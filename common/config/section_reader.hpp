#pragma once
// Reads one section against the table of keys: unknown and missing keys, wrong types and bad values become
// problems, the rest becomes values. Internal to this folder.

#include "common/config/keys.hpp"
#include "common/config/problem.hpp"
#include "common/config/source.hpp"
#include "common/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::config {

struct PlacedText {
    std::string text;
    Place place;
};

class SectionReader {
public:
    /// Reports unknown and missing keys at once, and the section itself if it is required and missing.
    SectionReader(Source const& source, std::string_view section, std::vector<Problem>& problems);

    bool present() const { return section_ != nullptr; }
    /// The key stands in the section, with whatever value.
    bool has(std::string_view key) const { return entry_of(key) != nullptr; }
    /// The key stands there and is not the empty string (which means: not set).
    bool is_set(std::string_view key) const;

    /// Nothing if the key is not set or its value is wrong (which is reported).
    std::optional<std::string> text(std::string_view key);
    std::optional<int> integer(std::string_view key, int least, int most);
    std::optional<bool> boolean(std::string_view key);
    /// A string or a list of strings; blank ones are left out.
    std::vector<PlacedText> texts(std::string_view key);

    /// text() through a function std::string -> Result<T>, whose error becomes a problem.
    template <class Parse>
    auto parsed(std::string_view key, Parse parse)
        -> std::optional<typename decltype(parse(std::string()))::value_type> {
        auto const raw = text(key);
        if (!raw) return std::nullopt;
        auto const value = parse(*raw);
        if (value) return *value;
        bad_value(key, *raw, value.error());
        return std::nullopt;
    }

    /// A value that breaks a rule of its key: shown (if it may be), with what is wrong and what is allowed.
    void bad_value(std::string_view key, std::string const& shown, Error const& why,
                   std::optional<Place> place = std::nullopt);
    /// Something wrong with a key that has a value, or with the section if it has none.
    void report(std::string_view key, std::string text);

private:
    Entry const* entry_of(std::string_view key) const;
    void report_at(Place place, std::string_view key, std::string text);
    void check_names();
    std::string about_unknown(std::string_view key) const;
    void wrong_type(KeyRule const& rule, Value const& value, std::string_view expected);
    /// Empty or with control characters: reported, and nothing returned.
    std::optional<std::string> checked(KeyRule const& rule, Value const& value);

    std::string file_;
    std::string name_;
    std::vector<Problem>& problems_;
    Section const* section_ = nullptr;
};

}  // namespace sb::config
