#include "daemon/catalog/manifest_seal.hpp"

#include "daemon/verify/sha256.hpp"

#include <span>

namespace sb::catalog {
namespace {

constexpr std::string_view key = "\"seal\": \"";
constexpr std::string_view tail = "\"\n}\n";
constexpr std::size_t digits = 64;

std::string digest_of(std::string_view text) { return verify::hex(verify::sha256(std::as_bytes(std::span(text)))); }

}  // namespace

std::string_view seal_in(std::string_view text) {
    auto const whole = key.size() + digits + tail.size();
    if (text.size() < whole || !text.ends_with(tail)) return {};
    auto const last = text.substr(text.size() - whole);
    if (!last.starts_with(key)) return {};
    return last.substr(key.size(), digits);
}

std::string with_this_seal(std::string text, std::string_view seal) {
    auto const end = text.find_last_of('}');
    auto const last = text.find_last_not_of(" \t\r\n", end == 0 || end == text.npos ? 0 : end - 1);
    text.resize(last + 1);
    return text + ",\n    " + std::string(key) + std::string(seal) + std::string(tail);
}

std::string with_seal(std::string text) {
    auto sealed = with_this_seal(std::move(text), std::string(digits, '0'));
    auto const digest = digest_of(sealed);
    sealed.replace(sealed.size() - tail.size() - digits, digits, digest);
    return sealed;
}

Seal check_seal(std::string_view text) {
    auto const seal = seal_in(text);
    if (seal.empty()) return Seal::absent;
    std::string blank(text);
    blank.replace(static_cast<std::size_t>(seal.data() - text.data()), digits, digits, '0');
    return digest_of(blank) == seal ? Seal::good : Seal::broken;
}

}  // namespace sb::catalog
