#pragma once
// What is checked before the TOML library reads a text: the library recurses without limit and accepts any bytes.
// Internal to this folder.

#include "common/config/source.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sb::config {

struct Objection {
    Place place;
    std::string text;
};

/// Size, UTF-8, control bytes, nesting, dotted keys, number of values and length of lines. Nothing if the text may be
/// parsed.
std::optional<Objection> objection_to(std::string_view text);

/// The place of a byte. Columns count characters, not bytes.
Place place_at(std::string_view text, std::size_t offset);

}  // namespace sb::config
