#pragma once
// Reading JSON without exceptions or asserts: a missing field, a wrong type and null are all "nothing".
// RapidJSON is behind it; only document.cpp includes it.

#include "common/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sb::json {

/// A view of one value of a Document; valid as long as the Document lives. May be a view of nothing.
class View {
public:
    View() = default;

    bool exists() const { return value_ != nullptr; }
    bool is_null() const;  ///< a literal null; false for nothing
    bool is_object() const;
    bool is_array() const;
    bool is_string() const;
    bool is_number() const;
    bool is_bool() const;

    /// The member of an object; nothing if this is not an object or has no such member.
    View operator[](std::string_view key) const;
    /// Elements of an array or members of an object; 0 for anything else.
    std::size_t size() const;
    /// The element of an array; nothing if out of range.
    View at(std::size_t index) const;
    std::vector<View> elements() const;                              ///< empty if this is not an array
    std::vector<std::pair<std::string_view, View>> members() const;  ///< empty if this is not an object

    std::optional<std::string_view> string() const;
    std::optional<std::int64_t> integer() const;  ///< whole numbers that fit, 3.0 included
    std::optional<std::uint64_t> unsigned_integer() const;
    std::optional<double> number() const;
    std::optional<bool> boolean() const;

    /// string(), or "" for anything else.
    std::string text() const { return std::string(string().value_or("")); }
    /// The value as compact JSON; "" for nothing.
    std::string dump() const;

private:
    friend class Document;
    explicit View(void const* value) : value_(value) {}
    void const* value_ = nullptr;
};

class Document {
public:
    /// Nesting is bounded by `max_depth`, so hostile input cannot exhaust the stack; text must be UTF-8.
    static Result<Document> parse(std::string_view text, std::size_t max_depth = 64);

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    View root() const;

private:
    struct Impl;
    explicit Document(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sb::json
