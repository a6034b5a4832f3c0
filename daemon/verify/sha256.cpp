#include "daemon/verify/sha256.hpp"

#include "common/text/ascii.hpp"

#include <openssl/evp.h>

#include <new>
#include <stdexcept>

namespace sb::verify {
namespace {

void must(int ok) {
    if (ok != 1) throw std::runtime_error("OpenSSL cannot compute SHA-256");
}

Digest final_of(EVP_MD_CTX* context) {
    Digest digest{};
    must(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.data()), nullptr));
    return digest;
}

/// As hex() writes it: only lower case.
int value_of(char c) { return c == lower(c) ? hex_value(c) : -1; }

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_) throw std::bad_alloc();
    must(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

Sha256::Sha256(Sha256 const& other) : Sha256() { must(EVP_MD_CTX_copy_ex(context_.get(), other.context_.get())); }

Sha256& Sha256::operator=(Sha256 const& other) {
    if (this != &other) must(EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()));
    return *this;
}

void Sha256::update(std::span<std::byte const> bytes) {
    must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Digest Sha256::so_far() const {
    Sha256 const copy(*this);
    return final_of(copy.context_.get());
}

Digest Sha256::finish() {
    auto const digest = final_of(context_.get());
    must(EVP_DigestInit_ex(context_.get(), nullptr, nullptr));
    return digest;
}

Digest sha256(std::span<std::byte const> bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

std::string hex(Digest const& digest) {
    std::string text;
    text.reserve(2 * digest.size());
    for (auto const byte : digest) {
        text += hex_digit(std::to_integer<unsigned>(byte) >> 4U);
        text += hex_digit(std::to_integer<unsigned>(byte));
    }
    return text;
}

std::optional<Digest> digest_from_hex(std::string_view text) {
    Digest digest{};
    if (text.size() != 2 * digest.size()) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        int const high = value_of(text[2 * i]);
        int const low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<std::byte>(high * 16 + low);
    }
    return digest;
}

}  // namespace sb::verify
