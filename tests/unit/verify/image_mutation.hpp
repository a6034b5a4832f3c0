#pragma once
// Spoils images on purpose, most often in their tables.

#include <random>
#include <string>

namespace sb::verify::test {

/// Spoils one thing. Says what it did.
std::string mutate(std::string& image, std::mt19937_64& random);

}  // namespace sb::verify::test
