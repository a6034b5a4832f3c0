#include "daemon/journal/columns.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"

namespace sb::journal {
namespace {

json::Document array_from(std::string const& column, std::string const& what) {
    auto document = json::Document::parse(column);
    if (!document) throw DatabaseError{SQLITE_CORRUPT, what + " cannot be read: " + document.error().context};
    if (!document->root().is_array()) throw DatabaseError{SQLITE_CORRUPT, what + " cannot be read: not a list"};
    return std::move(*document);
}

}  // namespace

std::int64_t column_of(UtcTime time) { return time.time_since_epoch().count(); }
std::optional<std::int64_t> column_of(std::optional<UtcTime> time) {
    if (!time) return std::nullopt;
    return column_of(*time);
}

std::string column_of(std::vector<std::string> const& texts) {
    json::Writer out;
    out.begin_array();
    for (auto const& text : texts) out.string(text);
    out.end_array();
    return out.take();
}

std::string column_of(std::vector<std::uint64_t> const& numbers) {
    json::Writer out;
    out.begin_array();
    for (auto const number : numbers) out.unsigned_integer(number);
    out.end_array();
    return out.take();
}

UtcTime time_from(std::int64_t column) { return UtcTime(Milliseconds(column)); }
std::optional<UtcTime> time_from(std::optional<std::int64_t> column) {
    if (!column) return std::nullopt;
    return time_from(*column);
}

std::vector<std::string> texts_from(std::string const& column, std::string const& what) {
    auto const document = array_from(column, what);
    std::vector<std::string> texts;
    for (auto const item : document.root().elements()) texts.push_back(item.text());
    return texts;
}

std::vector<std::uint64_t> numbers_from(std::string const& column, std::string const& what) {
    auto const document = array_from(column, what);
    std::vector<std::uint64_t> numbers;
    for (auto const item : document.root().elements()) {
        auto const number = item.unsigned_integer();
        if (!number) throw DatabaseError{SQLITE_CORRUPT, what + " cannot be read: " + item.dump() + " is not an id"};
        numbers.push_back(*number);
    }
    return numbers;
}

}  // namespace sb::journal
