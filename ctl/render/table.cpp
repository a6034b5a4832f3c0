#include "ctl/render/table.hpp"

#include <algorithm>
#include <numeric>

namespace sb::ctl {
namespace {

using Widths = std::vector<std::size_t>;

constexpr std::size_t column_gap = 2;
constexpr std::size_t narrowest_column = 8;  // of a flexible column
constexpr std::size_t comfortable = 16;      // below this, another column goes first
constexpr std::size_t note_indent = 4;

std::size_t line_width(Widths const& widths) {
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + column_gap * (widths.size() - 1);
}

/// Which columns are shown: droppable ones are dropped, from the right, until the rest has room.
std::vector<std::size_t> chosen(std::vector<Column> const& columns, Widths const& widths,
                                std::optional<std::size_t> room) {
    std::vector<std::size_t> shown(columns.size());
    std::iota(shown.begin(), shown.end(), std::size_t{0});
    auto needed = [&] {
        Widths least;
        for (auto const i : shown) {
            bool const gives = columns[i].flexible || columns[i].wraps;
            least.push_back(gives ? std::min(widths[i], comfortable) : widths[i]);
        }
        return line_width(least);
    };
    for (auto i = columns.size(); room && i-- > 0 && needed() > *room;) {
        if (columns[i].droppable) std::erase(shown, i);
    }
    return shown;
}

template <class T>
std::vector<T> picked(std::vector<T> const& all, std::vector<std::size_t> const& indices) {
    std::vector<T> some;
    for (auto const i : indices) some.push_back(all[i]);
    return some;
}

/// Takes columns from the widest flexible one until the line fits or nothing can shrink further.
void make_fit(Widths& widths, std::vector<Column> const& columns, std::size_t room) {
    while (line_width(widths) > room) {
        std::size_t widest = columns.size();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            bool const gives = (columns[i].flexible || columns[i].wraps) && widths[i] > narrowest_column;
            if (gives && (widest == columns.size() || widths[i] > widths[widest])) widest = i;
        }
        if (widest == columns.size()) return;
        --widths[widest];
    }
}

std::string line_of(std::vector<Cell> const& row, std::vector<Column> const& columns, Widths const& widths,
                    RenderOptions const& options) {
    std::string out;
    std::size_t used = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto width = widths[i];
        if (options.width) {
            if (used + (i > 0 ? column_gap : 0) >= *options.width) break;
            width = std::min(width, *options.width - used - (i > 0 ? column_gap : 0));
        }
        if (i > 0) out.append(column_gap, ' ');
        if (columns[i].wraps && options.width) {
            auto const indent = used + (i > 0 ? column_gap : 0);
            out += toned(wrapped(row[i].text, indent, indent + width), row[i].tone, options.color);
            break;
        }
        auto const text = cut_to_width(row[i].text, width);
        auto const padded = pad_to_width(text, width, columns[i].align);
        // Spaces stay uncoloured, so that trimming the line's end works.
        auto const spaces = padded.size() - text.size();
        bool const left = columns[i].align == Align::left;
        if (!left) out.append(spaces, ' ');
        out += toned(text, row[i].tone, options.color);
        if (left) out.append(spaces, ' ');
        used += width + (i > 0 ? column_gap : 0);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::optional<std::size_t> width) {
    if (!width) return std::string(text);
    auto const room = std::max(*width > indent ? *width - indent : 0, narrowest_column);
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        auto const word = cut_to_width(text.substr(0, end), room);
        auto const columns = display_width(word);
        if (used > 0 && used + 1 + columns > room) {
            out += "\n" + std::string(indent, ' ');
            used = 0;
        }
        if (used > 0) {
            out += ' ';
            ++used;
        }
        out += word;
        used += columns;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string table(std::vector<Column> const& columns, std::vector<TableRow> const& rows, RenderOptions const& options) {
    Widths natural;
    std::vector<Cell> titles;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::size_t width = display_width(columns[i].title);
        for (auto const& row : rows) width = std::max(width, display_width(row.cells[i].text));
        natural.push_back(width);
        titles.push_back({columns[i].title, Tone::faint});
    }
    auto const shown = chosen(columns, natural, options.width);
    auto const shown_columns = picked(columns, shown);
    auto widths = picked(natural, shown);
    if (options.width) make_fit(widths, shown_columns, *options.width);

    auto out = line_of(picked(titles, shown), shown_columns, widths, options);
    for (auto const& row : rows) {
        out += line_of(picked(row.cells, shown), shown_columns, widths, options);
        for (auto const& note : row.notes) {
            if (note.empty()) continue;
            out += std::string(note_indent, ' ') + wrapped(note, note_indent, options.width) + "\n";
        }
    }
    return out;
}

}  // namespace sb::ctl
