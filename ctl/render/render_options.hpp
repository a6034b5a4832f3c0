#pragma once
// What rendering may know of its surroundings: width, colour, the time and the zone, all as values.

#include "common/time.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sb::ctl {

struct RenderOptions {
    std::optional<std::size_t> width;  ///< columns to cut to; nothing = a pipe, where nothing is ever cut
    bool color = false;
    UtcTime now;
    std::function<std::chrono::minutes(UtcTime)> offset;  ///< of local time from UTC
};

/// Used sparingly: only states are coloured.
enum class Tone { plain, good, busy, warning, bad, faint };

/// The text in the tone's colour, or unchanged without colour.
std::string toned(std::string_view text, Tone tone, bool color);

}  // namespace sb::ctl
