#pragma once
// Values as the journal's columns hold them: times as milliseconds since 1970, UTC, lists as JSON arrays, enumerations
// as their words. What cannot be read back throws DatabaseError as a damaged file does.

#include "common/time.hpp"
#include "daemon/journal/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::journal {

std::int64_t column_of(UtcTime time);
std::optional<std::int64_t> column_of(std::optional<UtcTime> time);
std::string column_of(std::vector<std::string> const& texts);
std::string column_of(std::vector<std::uint64_t> const& numbers);

UtcTime time_from(std::int64_t column);
std::optional<UtcTime> time_from(std::optional<std::int64_t> column);
/// `what` is for the error: "a job's warnings".
std::vector<std::string> texts_from(std::string const& column, std::string const& what);
std::vector<std::uint64_t> numbers_from(std::string const& column, std::string const& what);

/// Of a lookup of `word` among an enumeration's names.
template <class T>
T known(std::optional<T> value, std::string const& word) {
    if (!value) throw DatabaseError{SQLITE_CORRUPT, "it holds the unknown word '" + word + "'"};
    return *value;
}

}  // namespace sb::journal
