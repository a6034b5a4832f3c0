#include "tests/unit/verify/image_mutation.hpp"

#include <array>
#include <cstdint>
#include <sstream>

namespace sb::verify::test {
namespace {

std::uint64_t big_endian(std::string const& bytes, std::uint64_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(at) + i]);
    return value;
}

struct Region {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// The ranges of the image's tables according to its header; the header itself is the first.
std::array<Region, 5> tables_of(std::string const& image) {
    auto const l1 = big_endian(image, 40, 8), table = big_endian(image, 48, 8);
    auto const block = big_endian(image, table, 8);
    auto const l2 = big_endian(image, l1, 8) & 0x00fffffffffffe00;
    return {Region{0, 112}, {l1, 16}, {table, 16}, {block, 512}, {l2, 512}};
}

void put(std::string& image, std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) image[at + i] = static_cast<char>(value >> (56 - 8 * i));
}

}  // namespace

std::string mutate(std::string& image, std::mt19937_64& random) {
    auto const tables = tables_of(image);
    auto const region = tables[random() % tables.size()];
    auto const at = static_cast<std::size_t>(region.offset + random() % region.bytes);
    std::ostringstream output;
    switch (random() % 6) {
        case 0: {
            if (image.empty()) break;
            auto const length = static_cast<std::size_t>(random() % image.size());
            output << "truncated to " << length;
            image.resize(length);
            break;
        }
        case 1:
            if (at >= image.size()) break;
            image[at] = static_cast<char>(image[at] ^ (1 << random() % 8));
            output << "bit flipped in byte " << at;
            break;
        case 2:
            if (at >= image.size()) break;
            image[at] = static_cast<char>(random());
            output << "byte " << at << " replaced";
            break;
        case 3: {  // an entry copied over another
            auto const from = region.offset + 8 * (random() % 64), to = region.offset + 8 * (random() % 64);
            if (from + 8 > image.size() || to + 8 > image.size()) break;
            image.replace(static_cast<std::size_t>(to), 8, image, static_cast<std::size_t>(from), 8);
            output << "8 bytes copied from " << from << " to " << to;
            break;
        }
        case 4: {  // a whole sector of zeros
            auto const sector = at / 512 * 512;
            if (sector + 512 > image.size()) break;
            image.replace(sector, 512, 512, '\0');
            output << "sector at " << sector << " zeroed";
            break;
        }
        default: {  // an entry moved by some clusters
            auto const entry = static_cast<std::size_t>(region.offset + 8 * (random() % 16));
            if (entry + 8 > image.size()) break;
            put(image, entry, big_endian(image, entry, 8) + ((random() % 64) << (9 + random() % 13)));
            output << "number at " << entry << " changed";
        }
    }
    return output.str();
}

}  // namespace sb::verify::test
