#include "common/vhdx/vhdx.hpp"

#include "common/text/size_text.hpp"
#include "common/vhdx/crc32c.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace sb::vhdx {
namespace {

constexpr std::uint64_t kib = 1024, mib = 1024 * kib;

// The specification gives the first four places; the others are chosen here, in whole MiB as it demands.
constexpr std::uint64_t first_header = 64 * kib, second_header = 128 * kib;
constexpr std::uint64_t first_regions = 192 * kib, second_regions = 256 * kib;
constexpr std::uint64_t log_begin = mib, log_bytes = mib;
constexpr std::uint64_t metadata_begin = 2 * mib, metadata_bytes = mib;
constexpr std::uint64_t bat_begin = 3 * mib;
constexpr std::uint64_t items_begin = 64 * kib;  ///< in the metadata, behind its table

constexpr std::size_t header_bytes = 4 * kib, table_bytes = 64 * kib;
constexpr std::size_t checksum_at = 4;  ///< in headers and region tables

/// Blocks begin at a multiple of this, as the clusters of an export do: deduplication by records of 2 MiB then finds
/// the same records in both (docs/zfs.md).
constexpr std::uint64_t alignment = 2 * mib;
/// With more, blocks are larger: it bounds the table, which programs keep in memory.
constexpr std::uint64_t most_blocks = std::uint64_t{1} << 20;

constexpr std::uint64_t fully_present = 6;  ///< state of a block in the BAT; 0 = it has no place and reads as zeros

// Well-known identifiers, as the specification writes them.
constexpr std::string_view bat_region = "2DC27766-F623-4200-9D64-115E9BFD4A08";
constexpr std::string_view metadata_region = "8B7CA206-4790-4B9A-B8FE-575F050F886E";
constexpr std::string_view file_parameters = "CAA16737-FA36-4D43-B3B6-33F0AA44E76B";
constexpr std::string_view virtual_disk_size = "2FA54224-CD1B-4876-B211-5DBED83BF4B8";
constexpr std::string_view virtual_disk_id = "BECA12AB-B2E6-4523-93EF-C309E000C746";
constexpr std::string_view logical_sector_size = "8141BF1D-A96F-4709-BA47-F233A8FAAB5F";
constexpr std::string_view physical_sector_size = "CDA348C7-445D-4471-9CC9-E9885251C556";

constexpr std::uint32_t is_virtual_disk = 2, is_required = 4;  ///< flags of a metadata item
constexpr std::uint32_t leave_blocks_allocated = 1;            ///< marks a fixed file

std::uint64_t round_up(std::uint64_t value, std::uint64_t step) { return (value + step - 1) / step * step; }
std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) { return (value + by - 1) / by; }

/// Numbers in a VHDX file are little-endian.
void put(std::span<std::byte> bytes, std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
}

void put(std::span<std::byte> bytes, std::size_t at, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) bytes[at + i] = static_cast<std::byte>(text[i]);
}

void put(std::span<std::byte> bytes, std::size_t at, Guid const& guid) {
    std::ranges::copy(guid, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

constexpr unsigned digit_value(char digit) {
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'A' + 10);
}

/// The bytes of an identifier: its first three numbers are little-endian, the rest is in the order of the text.
constexpr Guid guid_of(std::string_view text) {
    constexpr std::array<std::size_t, 16> order{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    Guid guid{};
    std::size_t next = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '-') continue;
        guid[order[next++]] = static_cast<std::byte>(digit_value(text[i]) * 16 + digit_value(text[i + 1]));
        ++i;
    }
    return guid;
}

std::uint64_t block_bytes_for(std::uint64_t disk_bytes) {
    auto bytes = alignment;
    while (divide_up(disk_bytes, bytes) > most_blocks) bytes *= 2;
    return bytes;
}

Piece file_type_identifier() {
    Piece piece{0, std::vector<std::byte>(header_bytes)};
    put(piece.bytes, 0, "vhdxfile");
    // The creator, in UTF-16.
    std::size_t at = 8;
    for (char const letter : std::string_view("scale-backup")) {
        put(piece.bytes, at, static_cast<std::uint64_t>(letter), 2);
        at += 2;
    }
    return piece;
}

void put_checksum(std::span<std::byte> bytes) { put(bytes, checksum_at, crc32c(bytes), 4); }

}  // namespace

Result<Vhdx> Vhdx::create(std::uint64_t disk_bytes, Kind kind, Identity const& identity) {
    if (disk_bytes == 0) return Error{Errc::refused, "a VHDX cannot have a disk of 0 bytes"};
    if (disk_bytes > max_disk_bytes)
        return Error{Errc::refused, "the disk has " + size_text(disk_bytes) + "; a VHDX has at most " +
                                        size_text(max_disk_bytes) + ". Use the format raw."};
    return Vhdx(disk_bytes, kind, identity);
}

Vhdx::Vhdx(std::uint64_t disk_bytes, Kind kind, Identity const& identity)
    : disk_bytes_(round_up(disk_bytes, sector_bytes)),
      block_bytes_(block_bytes_for(disk_bytes_)),
      kind_(kind),
      identity_(identity) {
    blocks_begin_ = round_up(bat_begin + bat_bytes(), alignment);
    auto const blocks = divide_up(disk_bytes_, block_bytes_);
    if (kind == Kind::fixed) blocks_placed_ = blocks;
    else places_.resize(static_cast<std::size_t>(blocks));
}

std::uint64_t Vhdx::place(std::uint64_t offset) {
    auto const block = offset / block_bytes_;
    if (kind_ == Kind::dynamic) {
        auto& place = places_.at(static_cast<std::size_t>(block));
        if (place == 0) place = static_cast<std::uint32_t>(++blocks_placed_);
    }
    return *placed(offset);
}

std::optional<std::uint64_t> Vhdx::placed(std::uint64_t offset) const {
    auto const block = offset / block_bytes_;
    if (kind_ == Kind::fixed) return blocks_begin_ + offset;
    auto const place = places_.at(static_cast<std::size_t>(block));
    if (place == 0) return std::nullopt;
    return blocks_begin_ + std::uint64_t{place - 1} * block_bytes_ + offset % block_bytes_;
}

/// Behind each `per_bitmap` blocks there is an entry for a bitmap of sectors, which only a file with a parent uses.
std::uint64_t Vhdx::bat_entries() const {
    auto const blocks = divide_up(disk_bytes_, block_bytes_);
    auto const per_bitmap = (std::uint64_t{1} << 23) * sector_bytes / block_bytes_;
    return blocks + (blocks - 1) / per_bitmap;
}

std::uint64_t Vhdx::bat_bytes() const { return round_up(bat_entries() * 8, mib); }

Piece Vhdx::header(std::uint64_t offset, std::uint64_t sequence) const {
    Piece piece{offset, std::vector<std::byte>(header_bytes)};
    std::span const bytes(piece.bytes);
    put(bytes, 0, "head");
    put(bytes, 8, sequence, 8);
    put(bytes, 16, identity_.file);
    put(bytes, 32, identity_.data);
    // The log's identifier stays zero: the log has no entries.
    put(bytes, 66, 1, 2);  // version
    put(bytes, 68, log_bytes, 4);
    put(bytes, 72, log_begin, 8);
    put_checksum(bytes);
    return piece;
}

Piece Vhdx::region_table(std::uint64_t offset) const {
    Piece piece{offset, std::vector<std::byte>(table_bytes)};
    std::span const bytes(piece.bytes);
    put(bytes, 0, "regi");
    put(bytes, 8, 2, 4);
    auto const entry = [&](std::size_t at, std::string_view region, std::uint64_t begin, std::uint64_t length) {
        put(bytes, at, guid_of(region));
        put(bytes, at + 16, begin, 8);
        put(bytes, at + 24, length, 4);
        put(bytes, at + 28, 1, 4);  // required
    };
    entry(16, bat_region, bat_begin, bat_bytes());
    entry(48, metadata_region, metadata_begin, metadata_bytes);
    put_checksum(bytes);
    return piece;
}

Piece Vhdx::metadata() const {
    Piece piece{metadata_begin, std::vector<std::byte>(items_begin + 4 * kib)};
    std::span const bytes(piece.bytes);
    std::uint64_t items = 0;
    auto value_at = items_begin;
    auto const item = [&](std::string_view id, std::uint32_t flags, std::size_t length) {
        auto const entry = static_cast<std::size_t>(32 + 32 * items++);
        put(bytes, entry, guid_of(id));
        put(bytes, entry + 16, value_at, 4);
        put(bytes, entry + 20, length, 4);
        put(bytes, entry + 24, flags | is_required, 4);
        auto const place = bytes.subspan(static_cast<std::size_t>(value_at), length);
        value_at += length;
        return place;
    };
    put(bytes, 0, "metadata");
    auto const parameters = item(file_parameters, 0, 8);
    put(parameters, 0, block_bytes_, 4);
    put(parameters, 4, kind_ == Kind::fixed ? leave_blocks_allocated : 0, 4);
    put(item(virtual_disk_size, is_virtual_disk, 8), 0, disk_bytes_, 8);
    put(item(virtual_disk_id, is_virtual_disk, 16), 0, identity_.disk);
    put(item(logical_sector_size, is_virtual_disk, 4), 0, sector_bytes, 4);
    put(item(physical_sector_size, is_virtual_disk, 4), 0, 4096, 4);
    put(bytes, 10, items, 2);
    return piece;
}

Piece Vhdx::block_table() const {
    auto const blocks = divide_up(disk_bytes_, block_bytes_);
    auto const per_bitmap = (std::uint64_t{1} << 23) * sector_bytes / block_bytes_;
    Piece piece{bat_begin, std::vector<std::byte>(static_cast<std::size_t>(bat_entries() * 8))};
    for (std::uint64_t block = 0; block < blocks; ++block) {
        auto const begin = placed(block * block_bytes_);
        if (!begin) continue;
        auto const entry = block + block / per_bitmap;
        // The offset counts in MiB, from bit 20 on: its bytes are there already.
        put(piece.bytes, static_cast<std::size_t>(entry * 8), *begin | fully_present, 8);
    }
    return piece;
}

std::vector<Piece> Vhdx::structure() const {
    std::vector<Piece> pieces;
    pieces.push_back(file_type_identifier());
    // Both are valid; a program takes the one with the higher number, and writes the other one first.
    pieces.push_back(header(first_header, 1));
    pieces.push_back(header(second_header, 2));
    pieces.push_back(region_table(first_regions));
    pieces.push_back(region_table(second_regions));
    pieces.push_back(metadata());
    pieces.push_back(block_table());
    return pieces;
}

}  // namespace sb::vhdx
