#pragma once
// Names that no other folder or file has: random hexadecimal digits, of four bits each.

#include "common/text/ascii.hpp"

#include <cstddef>
#include <random>
#include <string>

namespace sb::catalog {

inline std::string random_digits(std::size_t count) {
    std::random_device random;
    std::string digits;
    while (digits.size() < count) digits += hex_digit(random());
    return digits;
}

}  // namespace sb::catalog
