#include "common/text/size_text.hpp"

#include <array>
#include <string_view>

namespace sb {

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    std::size_t unit = 0;
    std::uint64_t one = 1;  // bytes in one of the unit
    while (unit + 1 < units.size() && bytes / one >= 1024) {
        one *= 1024;
        ++unit;
    }
    std::uint64_t const whole = bytes / one;
    std::uint64_t const remainder = bytes % one;
    // Tenths, rounded to the nearest. Above an exbibyte remainder * 10 would not fit, so scale it down first.
    std::uint64_t const scale = one > (std::uint64_t{1} << 50) ? 1024 : 1;
    std::uint64_t tenths = whole * 10 + ((remainder / scale) * 10 + (one / scale) / 2) / (one / scale);
    if (one == 1) tenths = whole * 10;
    if (tenths >= 10240 && unit + 1 < units.size()) {  // 1023.97 KiB reads as 1 MiB
        tenths = 10;
        ++unit;
    }
    std::string text = std::to_string(tenths / 10);
    if (tenths % 10 != 0) {
        text += '.';
        text += std::to_string(tenths % 10);
    }
    text += ' ';
    text += units[unit];
    return text;
}

}  // namespace sb
