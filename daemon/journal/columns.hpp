#pragma once
// Values as stored in the journal's columns: times as milliseconds since 1970, UTC, lists as JSON arrays, enumerations
// by name. Values that cannot be read back throw DatabaseError, like a damaged file.

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
/// `what` is for the error message: "a job's warnings".
std::vector<std::string> texts_from(std::string const& column, std::string const& what);
std::vector<std::uint64_t> numbers_from(std::string const& column, std::string const& what);

/// The result of looking up `word` among an enumeration's names.
template <class T>
T known(std::optional<T> value, std::string const& word) {
    if (!value) throw DatabaseError{SQLITE_CORRUPT, "it contains the unknown value '" + word + "'"};
    return *value;
}

}  // namespace sb::journal
