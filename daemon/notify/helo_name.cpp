#include "daemon/notify/helo_name.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>

namespace sb::notify {

bool is_full_name(std::string_view name) {
    constexpr std::size_t longest = 253;  // RFC 1035
    auto const fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; };
    bool const is_name = name.size() <= longest && std::ranges::all_of(name, fits) && !name.starts_with('.') &&
                         !name.ends_with('.') && name.find("..") == std::string_view::npos;
    // What systems call themselves when no domain is set up.
    bool const is_placeholder = lower(name).starts_with("localhost.");
    return is_name && !is_placeholder && name.find('.') != std::string_view::npos;
}

std::string helo_name(config::Smtp const& smtp, std::string_view machine) {
    if (!smtp.helo_name.empty()) return smtp.helo_name;
    if (is_full_name(machine)) return std::string(machine);
    auto const at = smtp.from.rfind('@');
    auto const domain = at == std::string::npos ? std::string() : smtp.from.substr(at + 1);
    return is_full_name(domain) ? domain : "localhost";
}

}  // namespace sb::notify
