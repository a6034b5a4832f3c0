#pragma once
// Problems of a source in the words of config.toml: where they are, which key, what is allowed. Internal to this
// folder.

#include "common/config/key.hpp"
#include "common/config/load.hpp"
#include "common/config/source.hpp"

#include <string>
#include <string_view>

namespace sb::config {

class Report {
public:
    Report(Source const& source, Loaded& loaded) : source_(source), loaded_(loaded) {}

    /// nullptr if the file does not have it.
    Section const* section(std::string_view name) const;
    Entry const* entry(std::string_view section, std::string_view key) const;
    /// The key is in the file and is not the empty string (which means: not set).
    bool is_set(std::string_view section, std::string_view key) const;

    /// `name`: 'Section.Key' or 'Section'.
    void problem(Place place, std::string name, std::string text);
    /// At the key, or at its section if the file does not have the key.
    void problem(std::string_view section, std::string_view key, std::string text);
    /// A value that breaks a rule of its key: shown if it may be, with what is wrong and what is allowed.
    void bad_value(Key const& key, Place place, std::string const& shown, std::string const& why);
    /// "warning: …" or "note: …"
    void remark(std::string_view section, std::string_view key, std::string text);
    void remark(Place place, Key const& key, std::string text);

private:
    Source const& source_;
    Loaded& loaded_;
};

}  // namespace sb::config
