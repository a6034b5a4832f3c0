#include "common/text/case_key.hpp"

#include "common/text/utf8.hpp"

namespace sb {
namespace {

char32_t fold_case(char32_t c) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7)) return c + 32;  // ASCII, Latin-1
    if ((c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c % 2 == 1 ? c + 1 : c;
    if (c == 0x178) return 0xff;
    if (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) return c + 32;  // Greek
    if (c >= 0x410 && c <= 0x42f) return c + 32;                // Cyrillic
    if (c >= 0x400 && c <= 0x40f) return c + 80;
    if (c >= 0x460 && c <= 0x481) return c | 1;
    return c;
}

}  // namespace

std::string case_key(std::string_view name) {
    std::string key;
    while (!name.empty()) {
        auto const point = first_code_point(name);
        if (point.bytes == 0) {
            key += name.front();
            name.remove_prefix(1);
            continue;
        }
        append_utf8(key, fold_case(point.value));
        name.remove_prefix(point.bytes);
    }
    return key;
}

}  // namespace sb
