#pragma once
// Key presses out of the bytes that a terminal sends. Pure: the caller decides when a lone Escape is complete.

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace sb::ctl {

struct Key {
    enum class Kind {
        text,
        enter,
        escape,
        up,
        down,
        page_up,
        page_down,
        first,
        last,
        backspace,
        clear,
        interrupt,
        end
    };
    Kind kind = Kind::text;
    std::string text{};  ///< of Kind::text: one UTF-8 code point that can be shown
    bool operator==(Key const&) const = default;
};

/// Understands what xterm, the Linux console, tmux and PuTTY send. Unknown sequences are dropped as a whole, so that a
/// stray function key types nothing.
class KeyDecoder {
public:
    void feed(std::string_view bytes) { bytes_ += bytes; }
    /// The next key; nothing while it is not complete.
    std::optional<Key> next();
    /// Whether there are bytes that may be the beginning of a longer sequence.
    bool waits() const { return !bytes_.empty(); }
    /// No more bytes came for a while, so the sequence is complete. A lone ESC is the Escape key.
    std::optional<Key> settle();

private:
    std::optional<Key> sequence();
    std::optional<Key> take(std::size_t count, std::optional<Key> key);

    std::string bytes_;
};

}  // namespace sb::ctl
