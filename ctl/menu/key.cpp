#include "ctl/menu/key.hpp"

#include "common/text/utf8.hpp"

#include <array>
#include <utility>

namespace sb::ctl {
namespace {

using KeyKind = Key::Kind;

constexpr char escape = '\x1b';

/// What follows ESC [ or ESC O.
constexpr std::array<std::pair<std::string_view, KeyKind>, 16> sequences{{
    {"A", KeyKind::up},
    {"B", KeyKind::down},
    {"H", KeyKind::first},
    {"F", KeyKind::last},
    {"5~", KeyKind::page_up},
    {"6~", KeyKind::page_down},
    {"1~", KeyKind::first},
    {"4~", KeyKind::last},
    {"7~", KeyKind::first},
    {"8~", KeyKind::last},
    {"3~", KeyKind::backspace},
    {"M", KeyKind::enter},
    {"[A", KeyKind::up},
    {"[B", KeyKind::down},
    {"1;5A", KeyKind::up},
    {"1;5B", KeyKind::down},
}};

std::optional<KeyKind> control_key(char byte) {
    switch (byte) {
        case '\r':
        case '\n': return KeyKind::enter;
        case '\x7f':
        case '\b': return KeyKind::backspace;
        case '\x03': return KeyKind::interrupt;  // Ctrl-C
        case '\x04': return KeyKind::end;        // Ctrl-D
        case '\x15': return KeyKind::clear;      // Ctrl-U
        case '\x0e': return KeyKind::down;       // Ctrl-N
        case '\x10': return KeyKind::up;         // Ctrl-P
        default: return std::nullopt;
    }
}

bool ends_a_sequence(char byte) { return byte >= '@' && byte <= '~'; }

}  // namespace

std::optional<Key> KeyDecoder::take(std::size_t count, std::optional<Key> key) {
    bytes_.erase(0, count);
    return key ? key : next();
}

std::optional<Key> KeyDecoder::next() {
    if (bytes_.empty()) return std::nullopt;
    char const first = bytes_.front();
    if (first == escape) return sequence();
    if (auto const kind = control_key(first)) return take(1, Key{*kind});
    auto const length = sequence_length(first);
    bool const unknown_control = static_cast<unsigned char>(first) < 0x20;
    if (length == 0 || unknown_control) return take(1, std::nullopt);
    if (bytes_.size() < length) return std::nullopt;
    if (first_code_point(bytes_).bytes == 0) return take(1, std::nullopt);
    return take(length, Key{KeyKind::text, bytes_.substr(0, length)});
}

std::optional<Key> KeyDecoder::sequence() {
    if (bytes_.size() < 2) return std::nullopt;
    char const second = bytes_[1];
    if (second == escape) return take(1, Key{KeyKind::escape});
    if (second != '[' && second != 'O') return take(2, Key{KeyKind::escape});  // Alt and a letter: taken as Escape
    std::size_t end = 2;
    if (bytes_.size() > end && bytes_[end] == '[') ++end;  // the Linux console's function keys
    while (end < bytes_.size() && !ends_a_sequence(bytes_[end])) ++end;
    constexpr std::size_t longest = 32;
    if (end == bytes_.size() && end < longest) return std::nullopt;
    auto const name = std::string_view(bytes_).substr(2, end - 1);
    for (auto const& [known, kind] : sequences)
        if (name == known) return take(end + 1, Key{kind});
    return take(std::min(end + 1, bytes_.size()), std::nullopt);
}

std::optional<Key> KeyDecoder::settle() {
    if (bytes_.empty()) return std::nullopt;
    bool const lone_escape = bytes_ == std::string(1, escape);
    bytes_.clear();
    if (lone_escape) return Key{KeyKind::escape};
    return std::nullopt;
}

}  // namespace sb::ctl
