#pragma once
// A bar for a share of a hundred, as "[====>    ]".

#include <cstddef>
#include <string>

namespace sb::ctl {

/// Less says nothing.
inline constexpr std::size_t narrowest_bar = 6;

/// `percent` from 0 to 100; `width` in columns without the brackets.
std::string bar(int percent, std::size_t width);

}  // namespace sb::ctl
