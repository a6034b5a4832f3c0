#include "daemon/platform/machine_id.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>

namespace sb::platform {

std::string usable_machine_id(std::string_view text) {
    auto const is_part = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; };
    auto id = lower(trimmed(text, spaces_and_line_ends));
    bool const is_set = id.find_first_not_of("0-") != std::string::npos;
    return is_set && std::ranges::all_of(id, is_part) ? id : std::string();
}

}  // namespace sb::platform
