#pragma once
// 'Did you mean …?': the known word nearest to what was typed. For config keys and command names.

#include <optional>
#include <span>
#include <string_view>

namespace sb {

/// How many single letters must be inserted, dropped, replaced or swapped with a neighbour; case counts.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word that `typed` most likely stands for: the same but for upper and lower case, or at most a third
/// of its letters away (the first wins a tie), or else the only one that begins with it. Nothing if none is near.
std::optional<std::string_view> nearest_word(std::string_view typed, std::span<std::string_view const> known);

}  // namespace sb
