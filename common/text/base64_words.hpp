#pragma once
// Finds secrets inside base64. Which letters a secret becomes depends on how many bytes are before it, modulo three,
// and its first and last letters on these bytes as well: what is searched are the letters between.

#include "common/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sb {

/// A shorter one leaves so few letters that ordinary words would contain them.
inline constexpr std::size_t shortest_in_base64 = 4;

/// The letters that base64 of any text with `secret` in it contains, for each of the three alignments. Empty if the
/// secret is too short.
std::vector<Secret> base64_of(std::string_view secret);

/// One pass over one text. Words of the usual and the URL-safe alphabet are found, also with their signs escaped
/// (spelling.hpp), and over several lines if these have at least 32 letters each.
class Base64Words {
public:
    /// `sought`: from base64_of(). Both outlive this object.
    Base64Words(std::string_view text, std::vector<std::string_view> sought)
        : text_(text), sought_(std::move(sought)) {}

    /// How much from this position on belongs to a word that contains a secret and must be hidden; 0 = nothing. The
    /// positions never decrease. Of a very long word, what is far before the secret is not hidden.
    std::size_t length_at(std::size_t position);

private:
    void read_word(std::size_t position);
    std::size_t first_secret() const;

    std::string_view text_;
    std::vector<std::string_view> sought_;
    std::size_t word_end_ = 0;
    std::size_t hidden_from_ = std::string_view::npos;
    std::string letters_;              ///< of the word, in the usual alphabet
    std::vector<std::size_t> places_;  ///< where each of them is
};

}  // namespace sb
