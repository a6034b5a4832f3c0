#pragma once
// The manifest's own checksum, its last member: "seal": SHA-256 of the whole text, with these 64 digits as zeros.
// It is looked at when the content is proven, not by every listing: who edits a manifest by hand does not lose a
// backup.

#include <string>
#include <string_view>

namespace sb::catalog {

/// The text of a JSON object with the seal as its last member. It must not have one yet.
std::string with_seal(std::string text);

enum class Seal { absent, good, broken };
Seal check_seal(std::string_view text);

/// The 64 digits as they stand there, right or wrong; empty without a seal.
std::string_view seal_in(std::string_view text);
/// As with_seal(), but with these digits.
std::string with_this_seal(std::string text, std::string_view digits);

}  // namespace sb::catalog
