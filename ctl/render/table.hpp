#pragma once
// Columns aligned by display width. On a terminal the flexible columns shrink until a line fits; into a
// pipe nothing is cut.

#include "ctl/render/display_width.hpp"
#include "ctl/render/render_options.hpp"

#include <string>
#include <vector>

namespace sb::ctl {

struct Column {
    std::string title;
    Align align = Align::left;
    bool flexible = false;   ///< may be cut when the terminal is narrow
    bool droppable = false;  ///< may be left out when cutting would leave too little of the flexible ones
    bool wraps = false;      ///< the last column: sentences, which continue below instead of being cut
};

struct Cell {
    std::string text;  ///< free of control characters
    Tone tone = Tone::plain;
};

struct TableRow {
    std::vector<Cell> cells;
    /// Printed below the row, indented and wrapped: what is too long for a column. Empty ones are skipped.
    std::vector<std::string> notes;
};

/// Words of `text` in lines of at most `width` columns, every line but the first begins with `indent` spaces
/// (the first is expected to begin there already). Without a width: one line.
std::string wrapped(std::string_view text, std::size_t indent, std::optional<std::size_t> width);

/// Title line and rows, each ended by a newline.
std::string table(std::vector<Column> const& columns, std::vector<TableRow> const& rows, RenderOptions const& options);

}  // namespace sb::ctl
