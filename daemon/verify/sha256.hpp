#pragma once
// SHA-256 by OpenSSL, which uses the processor's SHA instructions where available.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace sb::verify {

using Digest = std::array<std::byte, 32>;

class Sha256 {
public:
    Sha256();
    Sha256(Sha256 const& other);
    Sha256& operator=(Sha256 const& other);
    Sha256(Sha256&&) noexcept = default;
    Sha256& operator=(Sha256&&) noexcept = default;
    ~Sha256() = default;

    void update(std::span<std::byte const> bytes);
    void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
    /// The digest of all data so far; more may follow.
    Digest so_far() const;
    /// The same, and starts over.
    Digest finish();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Digest sha256(std::span<std::byte const> bytes);

/// 64 lower-case hexadecimal digits.
std::string hex(Digest const& digest);
std::optional<Digest> digest_from_hex(std::string_view text);

}  // namespace sb::verify
