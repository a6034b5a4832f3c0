#pragma once
// One message a line: bytes in, lines out. Knows no sockets. A line longer than the limit is refused as soon as
// it is known to be longer, so that no peer can make us collect it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sb::rpc {

/// The longest line that the daemon accepts, in bytes, without its end.
inline constexpr std::size_t max_request_line = 64UL * 1024;
/// The longest line that a client accepts: lists of thousands of VMs.
inline constexpr std::size_t max_reply_line = 64UL * 1024 * 1024;

/// A message as it goes on the wire.
inline std::string as_line(std::string text) {
    text += '\n';
    return text;
}

class LineSplitter {
public:
    explicit LineSplitter(std::size_t limit) : limit_(limit) {}

    void feed(std::string_view bytes) { buffer_.append(bytes); }
    /// The next whole line without its end ("\n" or "\r\n"); nothing if there is none yet, or if it is too long.
    std::optional<std::string> next_line();
    /// The next line is longer than the limit, whether its end was seen or not. The stream cannot be continued.
    bool too_long() const { return too_long_; }
    /// Nothing is left: neither a line nor the beginning of one.
    bool is_empty() const { return begin_ == buffer_.size(); }
    /// What follows the last line's end: at the end of the stream, a message without its newline.
    std::string take_rest();

private:
    std::size_t limit_;
    std::string buffer_;
    std::size_t begin_ = 0;    ///< of the first line that was not returned yet
    std::size_t scanned_ = 0;  ///< there is no line end before this
    bool too_long_ = false;
};

}  // namespace sb::rpc
