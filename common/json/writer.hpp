#pragma once
// Writing JSON as text, always UTF-8 and escaped. RapidJSON is behind it; only writer.cpp includes it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sb::json {

enum class Layout { compact, pretty };

/// Calls must nest as JSON does: begin_object, key, value …, end_object. Bytes that are not UTF-8 are
/// written as U+FFFD, so that our output can always be read.
class Writer {
public:
    explicit Writer(Layout layout = Layout::compact);
    Writer(Writer&&) noexcept;
    Writer& operator=(Writer&&) noexcept;
    ~Writer();

    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);

    Writer& string(std::string_view text);
    Writer& integer(std::int64_t number);
    Writer& unsigned_integer(std::uint64_t number);
    Writer& number(double number);
    Writer& boolean(bool truth);
    Writer& null();
    /// Text that is JSON already.
    Writer& raw(std::string_view json);

    // key and value in one
    Writer& member(std::string_view name, std::string_view text) { return key(name).string(text); }
    Writer& member(std::string_view name, char const* text) { return key(name).string(text); }
    Writer& member(std::string_view name, std::int64_t value) { return key(name).integer(value); }
    Writer& member(std::string_view name, std::uint64_t value) { return key(name).unsigned_integer(value); }
    Writer& member(std::string_view name, int value) { return key(name).integer(value); }
    Writer& member(std::string_view name, bool truth) { return key(name).boolean(truth); }

    /// The finished text; the writer is empty afterwards.
    std::string take();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sb::json
