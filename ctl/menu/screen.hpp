#pragma once
// The menu as lines of text: what a terminal shows, and the questions for where nothing can be drawn.

#include "ctl/menu/menu.hpp"
#include "ctl/render/render_options.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sb::ctl {

/// How many entries of a list a terminal of that height has room for.
std::size_t list_rows(std::size_t terminal_rows);

/// At most `terminal_rows` - 1 lines, none wider than the terminal less one column.
std::vector<std::string> menu_screen(Menu const& menu, MenuFacts const& facts, RenderOptions const& options,
                                     std::size_t terminal_rows);

/// The same as a question for answer(): the list with numbers, and a prompt without a line end.
std::string menu_question(Menu const& menu, MenuFacts const& facts, RenderOptions const& options);

/// What will be done, in sentences.
std::vector<std::string> summary_of(Menu const& menu, MenuFacts const& facts, RenderOptions const& options);

}  // namespace sb::ctl
