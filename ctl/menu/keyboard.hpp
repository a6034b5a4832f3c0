#pragma once
// Standard input as keys or as lines. The terminal is in raw mode for as long as a Keyboard lives, however it ends.
// One file per system.

#include "common/error.hpp"
#include "common/task.hpp"
#include "ctl/menu/key.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace sb::ctl {

/// Whether standard input is a terminal.
bool input_is_terminal();

class Keyboard {
public:
    virtual ~Keyboard() = default;
    /// The next key, or nothing when the window has changed its size. Errc::cancelled after an interrupt; an input that
    /// ended is Key::Kind::end.
    virtual task<Result<std::optional<Key>>> next() = 0;
    virtual std::size_t rows() const = 0;
};

std::unique_ptr<Keyboard> open_keyboard(asio::any_io_executor executor);

class LineInput {
public:
    virtual ~LineInput() = default;
    /// The next line without its end; nothing at the end of the input. Errc::cancelled after an interrupt.
    virtual task<Result<std::optional<std::string>>> next() = 0;
};

std::unique_ptr<LineInput> open_line_input(asio::any_io_executor executor);

}  // namespace sb::ctl
