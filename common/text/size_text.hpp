#pragma once
// Sizes for people, in IEC units: '1.5 GiB'. Programs read bytes, never this text.

#include <cstdint>
#include <string>

namespace sb {

/// "0 B", "1023 B", "1 KiB", "1.5 GiB": at most one decimal, which is left out when it is zero.
std::string size_text(std::uint64_t bytes);

}  // namespace sb
