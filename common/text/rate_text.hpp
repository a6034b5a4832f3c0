#pragma once
// Bytes a second as people write them: "200 MiB/s", "unlimited".

#include "common/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sb {

/// What parse_rate accepts, for error messages.
inline constexpr std::string_view rate_forms =
    "bytes a second: a whole number with KiB, MiB, GiB, KB, MB or GB, as in '200 MiB/s', at least 64 KiB/s; or "
    "'unlimited'";

struct Rate {
    std::optional<std::uint64_t> bytes_per_second;  ///< empty = no limit
    bool operator==(Rate const&) const = default;
};

/// A whole number, then KiB, MiB, GiB or KB, MB, GB, with or without "/s"; or "unlimited". At least
/// 64 KiB/s. The error says what is wrong and does not repeat the text.
Result<Rate> parse_rate(std::string const& text);

std::string rate_text(Rate rate);

}  // namespace sb
