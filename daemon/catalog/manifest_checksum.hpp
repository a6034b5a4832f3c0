#pragma once
// The manifest's own checksum, its last member: "seal": SHA-256 of the whole text, with these 64 digits as zeros.
// Verification of the content checks it, and so does a deletion that would rely on this backup. Listings do not:
// editing a manifest by hand does not cost a backup.

#include "daemon/core/manifest.hpp"

#include <string>
#include <string_view>

namespace sb::catalog {

/// Adds the checksum to the text of a JSON object as its last member. The object must not have one yet.
std::string with_checksum(std::string text);

enum class Checksum { absent, valid, invalid };
Checksum check_checksum(std::string_view text);

/// The 64 digits as written, valid or not; empty without a checksum.
std::string_view checksum_in(std::string_view text);
/// As with_checksum(), but with the given digits.
std::string with_given_checksum(std::string text, std::string_view digits);

/// SHA-256 of core::essence_of(): what the journal keeps of a manifest, 64 hex digits.
std::string manifest_digest(core::Manifest const& manifest);

}  // namespace sb::catalog
