#pragma once
// Properties that must hold for every input. A violation prints a message and ends the process: a finding, for
// libFuzzer and for replay.cpp.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sb::fuzz {

inline void must_hold(bool holds, std::string const& message) {
    if (holds) return;
    std::fprintf(stderr, "violated: %s\n", message.c_str());
    std::abort();
}
/// Without building the message each time.
inline void must_hold(bool holds, char const* message) {
    if (!holds) must_hold(false, std::string(message));
}

inline std::string_view text_of(std::uint8_t const* bytes, std::size_t size) {
    return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<char const*>(bytes), size);
}

/// Messages go to logs and terminals, so they must not contain control characters.
inline bool is_printable(std::string_view text) {
    for (char const c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    return true;
}

inline std::size_t occurrences(std::string_view text, std::string_view what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
    return count;
}

}  // namespace sb::fuzz
