#include "common/config/problem.hpp"

#include "common/text/utf8.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace sb::config {
namespace {

int place_or_last(int number) { return number == 0 ? std::numeric_limits<int>::max() : number; }

}  // namespace

std::string problem_text(Problem const& problem) {
    std::string text = problem.file;
    if (problem.line > 0) {
        text += ':' + std::to_string(problem.line);
        if (problem.column > 0) text += ':' + std::to_string(problem.column);
    }
    text += ": ";
    if (!problem.key.empty()) text += problem.key + ": ";
    return text + problem.text;
}

std::string render_problems(std::vector<Problem> const& problems) {
    std::string text;
    for (auto const& problem : problems) text += problem_text(problem) + "\n";
    return text;
}

void sort_by_place(std::vector<Problem>& problems) {
    std::ranges::stable_sort(problems, [](Problem const& a, Problem const& b) {
        return std::tuple(place_or_last(a.line), a.column) < std::tuple(place_or_last(b.line), b.column);
    });
}

std::string printable(std::string_view text, std::size_t longest) {
    std::string shown;
    std::size_t characters = 0;
    while (!text.empty()) {
        auto const point = first_code_point(text);
        auto const piece = text.substr(0, std::max<std::size_t>(point.bytes, 1));
        if (!is_continuation(piece.front()) && ++characters > longest) return shown + "…";
        if (point.bytes > 0 && is_control(point.value)) shown += '?';
        else shown += piece;
        text.remove_prefix(piece.size());
    }
    return shown;
}

}  // namespace sb::config
