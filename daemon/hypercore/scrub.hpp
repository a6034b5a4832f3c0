#pragma once
// Removes our passwords from foreign texts: a cluster may quote the URI that we sent it. The time grows with the length
// of the text and no faster, whatever it says.

#include "common/secret.hpp"

#include <cstddef>
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

    /// The same of the first `most` bytes (fewer, if they would end within a character). A secret or a login that
    /// begins in them and ends behind them is hidden as a whole. The rest of the text is not read.
    std::string beginning(std::string_view text, std::size_t most) const;

    /// The same of a name or a tag, where secrets with fewer than 6 characters stay: they are likely words that
    /// names contain, and a tag with *** in it would no longer select its VMs.
    std::string name(std::string_view text, std::size_t most) const;

private:
    std::string scrubbed(std::string_view text, std::size_t most, std::size_t shortest_secret) const;

    std::vector<Secret> secrets_;
};

}  // namespace sb::hypercore
