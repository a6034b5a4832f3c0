#pragma once
// Removes our passwords from foreign texts: a cluster may quote the URI that we sent it.

#include "common/secret.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::hypercore {

class Scrubber {
public:
    Scrubber() = default;
    explicit Scrubber(std::vector<Secret> secrets) : secrets_(std::move(secrets)) {}

    /// The text with *** for each secret, also where its characters are percent-encoded (in any mixture), JSON-escaped
    /// or HTML entities; and with *** for the login in any smb:// URI. Secrets of one or two characters are removed
    /// from URIs only: elsewhere they cannot be distinguished from ordinary words.
    std::string operator()(std::string_view text) const;

private:
    std::vector<Secret> secrets_;
};

}  // namespace sb::hypercore
