#include "daemon/catalog/manifest_checksum.hpp"

#include "common/text/ascii.hpp"
#include "daemon/core/file_proof.hpp"
#include "daemon/verify/sha256.hpp"

#include <span>

namespace sb::catalog {
namespace {

constexpr std::string_view checksum_key = "\"seal\": \"";
constexpr std::string_view tail = "\"\n}\n";
constexpr std::size_t checksum_digits = 64;

std::string digest_of(std::string_view text) { return verify::hex(verify::sha256(std::as_bytes(std::span(text)))); }

}  // namespace

std::string_view checksum_in(std::string_view text) {
    auto const whole = checksum_key.size() + checksum_digits + tail.size();
    if (text.size() < whole || !text.ends_with(tail)) return {};
    auto const last = text.substr(text.size() - whole);
    if (!last.starts_with(checksum_key)) return {};
    return last.substr(checksum_key.size(), checksum_digits);
}

std::string with_given_checksum(std::string text, std::string_view checksum) {
    auto const end = text.find_last_of('}');
    auto const last = text.find_last_not_of(spaces_and_line_ends, end == 0 || end == text.npos ? 0 : end - 1);
    text.resize(last + 1);
    return text + ",\n    " + std::string(checksum_key) + std::string(checksum) + std::string(tail);
}

std::string with_checksum(std::string text) {
    auto result = with_given_checksum(std::move(text), std::string(checksum_digits, '0'));
    auto const digest = digest_of(result);
    result.replace(result.size() - tail.size() - checksum_digits, checksum_digits, digest);
    return result;
}

Checksum check_checksum(std::string_view text) {
    auto const checksum = checksum_in(text);
    if (checksum.empty()) return Checksum::absent;
    std::string zeroed(text);
    zeroed.replace(static_cast<std::size_t>(checksum.data() - text.data()), checksum_digits, checksum_digits, '0');
    return digest_of(zeroed) == checksum ? Checksum::valid : Checksum::invalid;
}

std::string manifest_digest(core::Manifest const& manifest) { return digest_of(core::essence_of(manifest)); }

}  // namespace sb::catalog
