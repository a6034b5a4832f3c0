#include "common/text/suggestion.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sb {
namespace {

constexpr std::size_t longest_word = 64;  // no known word is longer; bounds the work on hostile input

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Rows of the usual table; two back are needed for swapped neighbours.
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({replaced, last[j] + 1, now[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(now);
    }
    return last[b.size()];
}

std::optional<std::string_view> nearest_word(std::string_view typed, std::span<std::string_view const> known) {
    if (typed.empty() || typed.size() > longest_word) return std::nullopt;
    std::string const low = lower(typed);
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (auto const word : known) {
        std::size_t const distance = edit_distance(low, lower(word));
        if (distance < best_distance) {
            best_distance = distance;
            best = word;
        }
    }
    if (best || low.size() < 3) return best;
    for (auto const word : known) {
        if (!lower(word).starts_with(low)) continue;
        if (best) return std::nullopt;  // ambiguous
        best = word;
    }
    return best;
}

}  // namespace sb
