#pragma once
// A limit on the processor time for each byte of a text. Work that grows faster than the text is a finding, long before
// it reaches libFuzzer's own limit.

#include "tests/fuzz/property.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace sb::fuzz {

/// Calls `work` with the input repeated until it has `bytes`. Far above what linear work takes under a sanitizer.
template <class Work>
void must_be_linear(std::string_view input, std::size_t bytes, Work work) {
    constexpr double seconds_per_byte = 10e-6, seconds_once = 0.1;
    if (input.empty()) return;
    std::string text;
    text.reserve(bytes + input.size());
    while (text.size() < bytes) text += input;
    auto const begun = std::clock();
    work(text);
    auto const took = static_cast<double>(std::clock() - begun) / static_cast<double>(CLOCKS_PER_SEC);
    must_hold(took <= seconds_once + seconds_per_byte * static_cast<double>(text.size()),
              "the time grows faster than the text");
}

}  // namespace sb::fuzz
