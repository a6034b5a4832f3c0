#pragma once
// Takes our passwords out of texts that others wrote: a cluster may quote the URI that we sent it.

#include "common/secret.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::hypercore {

class Scrubber {
public:
    Scrubber() = default;
    explicit Scrubber(std::vector<Secret> secrets) : secrets_(std::move(secrets)) {}

    /// The text with *** for each secret, also where its signs are percent-encoded (in any mixture), JSON-escaped
    /// or HTML entities; and with *** for the login in any smb:// URI. Secrets of one or two signs are taken out
    /// of URIs only: elsewhere they could not be told from ordinary words.
    std::string operator()(std::string_view text) const;

private:
    std::vector<Secret> secrets_;
};

}  // namespace sb::hypercore
