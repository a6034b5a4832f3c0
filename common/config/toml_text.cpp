#include "common/config/toml_text.hpp"

#include "common/text/ascii.hpp"

#include <array>

namespace sb::config {
namespace {

struct Phrase {
    std::string_view heading;  ///< part of the library's first line
    std::string_view text;
};

constexpr std::string_view bad_string =
    "the text in quotes does not end on its line or has an invalid escape; in double quotes '\\' starts an escape, in "
    "single quotes it does not";

constexpr std::array phrases{
    Phrase{"unknown value appeared", "this is not a TOML value; text needs quotes, as in Key = 'text'"},
    Phrase{"missing key-value separator", "the '=' after the key is missing"},
    Phrase{"missing value", "the value after the '=' is missing"},
    Phrase{"empty key", "the key before the '=' is missing"},
    Phrase{"multiline", "the text in triple quotes does not end or has an invalid escape"},
    Phrase{"literal string", bad_string},
    Phrase{"literal_string", bad_string},
    Phrase{"basic_string", bad_string},
    Phrase{"parse_string", bad_string},
    Phrase{"escape", bad_string},
    Phrase{"utf8_codepoint", "the \\u escape is not a character"},
    Phrase{"invalid line format", "the line should end here"},
    Phrase{"invalid key", "this is neither a key (Key = value) nor a section ([Section])"},
    Phrase{"parse_key", "this is neither a key (Key = value) nor a section ([Section])"},
    Phrase{"table_key", "the ']' after the section's name is missing"},
    Phrase{"missing array separator", "a comma is missing in the list"},
    Phrase{"parse_array", "the list is not closed with ']' or contains something that is not a value"},
    Phrase{"inline_table", "the table in braces is malformed"},
    Phrase{"already exists", "this appears twice"},
    Phrase{"invalid date", "this is not a date; text needs quotes"},
    Phrase{"invalid time", "this is not a time; text needs quotes, as in '5:00 PM'"},
    Phrase{"boolean", "this is not a TOML value; text needs quotes, as in Key = 'text'"},
    Phrase{"integer", "this is not a number; text needs quotes"},
    Phrase{"floating", "this is not a number; text needs quotes"},
};

std::string_view heading_of(std::string_view message) { return message.substr(0, message.find('\n')); }

/// "  12 | source text" gives 12, everything else 0.
int line_number_in(std::string_view line) {
    std::size_t i = line.find_first_not_of(' ');
    int number = 0;
    while (i < line.size() && is_digit(line[i]) && number < 10'000'000) number = number * 10 + (line[i++] - '0');
    return i < line.size() && line.substr(i).starts_with(" | ") ? number : 0;
}

}  // namespace

std::vector<Place> marks_in(std::string_view message) {
    std::vector<Place> marks;
    int number = 0;
    while (!message.empty()) {
        auto const end = message.find('\n');
        auto const line = message.substr(0, end);
        message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
        if (int const found = line_number_in(line); found > 0) {
            number = found;
            continue;
        }
        // "     |      ^--- here": the bar stands below the one of the source line.
        auto const bar = line.find_first_not_of(' ');
        if (number == 0 || bar == std::string_view::npos || line[bar] != '|') continue;
        auto const mark = line.find_first_not_of(' ', bar + 1);
        if (mark != std::string_view::npos && (line[mark] == '^' || line[mark] == '~')) {
            marks.push_back(Place{number, static_cast<int>(mark - bar - 1)});
        }
    }
    return marks;
}

bool is_repetition(std::string_view message) {
    auto const heading = heading_of(message);
    return heading.find("insert_value") != std::string_view::npos && heading.ends_with("already exists.");
}

std::string plain_text_of(std::string_view message) {
    auto const heading = heading_of(message);
    for (auto const& phrase : phrases) {
        if (heading.find(phrase.heading) != std::string_view::npos) return std::string(phrase.text);
    }
    return "this is not valid TOML";
}

}  // namespace sb::config
