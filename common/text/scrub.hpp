#pragma once
// Removes our passwords from foreign texts: a cluster may quote the URI that we sent it, a mail server the login. The
// time grows with the length of the text and no faster, whatever it says.

#include "common/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sb {

class Scrubber {
public:
    Scrubber() = default;
    explicit Scrubber(std::vector<Secret> secrets);

    /// The text with *** for each secret; and with *** for the login in any smb:// URI. A secret is found as it is, and
    /// where its characters are percent-encoded, quoted-printable, escaped as in JSON and C, or HTML entities (in any
    /// mixture). One of four characters and more is found in hexadecimal digits and in base64, too, of which the whole
    /// word becomes ***, whatever else is in it. One of one or two characters is replaced only where it is not part of
    /// a word or number: every word with its letters would be garbled, and "***ort" would show that it is 'p'.
    std::string operator()(std::string_view text) const;

    /// The same of the first `most` bytes (fewer, if they would end within a character). A secret or a login that
    /// begins in them and ends behind them is hidden as a whole. The rest of the text is not read.
    std::string beginning(std::string_view text, std::size_t most) const;

    /// The same of a name or a tag, where secrets with fewer than 6 characters stay: they are likely words that
    /// names contain, and a tag with *** in it would no longer select its VMs.
    std::string name(std::string_view text, std::size_t most) const;

private:
    struct Sought {
        Secret plain;
        std::vector<Secret> base64;
    };

    static std::size_t length_at(std::string_view text, std::size_t position, std::string_view secret);
    std::string scrubbed(std::string_view text, std::size_t most, std::size_t shortest_secret) const;

    std::vector<Sought> secrets_;
};

}  // namespace sb
