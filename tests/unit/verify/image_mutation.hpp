#pragma once
// Corrupts images on purpose, mostly in their tables.

#include <random>
#include <string>

namespace sb::verify::test {

/// Corrupts one thing. Returns a description of it.
std::string mutate(std::string& image, std::mt19937_64& random);

}  // namespace sb::verify::test
