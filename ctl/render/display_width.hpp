#pragma once
// How many columns a terminal gives a text, and how to cut or pad a text to columns. UTF-8 in, UTF-8 out.
// A small wcwidth of our own: the C library's depends on the locale, which a cron job does not set.

#include <cstddef>
#include <string>
#include <string_view>

namespace sb::ctl {

/// Columns of one code point: 0 for combining signs and joiners, 2 for East Asian wide ones and emoji, else 1.
int width_of(char32_t code_point);

/// Columns of a text without control characters. Bytes that are not UTF-8 count as one column each.
std::size_t display_width(std::string_view text);

/// At most `columns` wide; what was cut shows as "…" in the last column.
std::string cut_to_width(std::string_view text, std::size_t columns);

enum class Align { left, right };
/// Exactly `columns` wide if the text is not wider.
std::string pad_to_width(std::string_view text, std::size_t columns, Align align);

/// The text with control characters, bidirectional overrides and bytes that are not UTF-8 written as
/// escapes (\n, \t, \x1b, \u202e), so that a VM's name cannot control the terminal. Backslashes stay.
std::string escape_controls(std::string_view text);

/// The same for a text of several lines, whose ends stay.
std::string escape_within_lines(std::string_view text);

/// 'text', with escape_controls.
std::string in_quotes(std::string_view text);

}  // namespace sb::ctl
