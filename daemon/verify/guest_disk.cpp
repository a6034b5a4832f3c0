#include "daemon/verify/guest_disk.hpp"

#include "daemon/verify/defect.hpp"
#include "daemon/verify/qcow2_entry.hpp"

#include <zlib.h>

#include <algorithm>
#include <string>

namespace sb::verify {
namespace {

/// Subclusters of a cluster, where an image has them.
constexpr std::uint64_t subclusters_per_cluster = 32;
/// Of neighbouring ranges that extent() joins.
constexpr std::uint64_t longest_data = std::uint64_t{8} << 20;

std::string place_text(std::uint64_t offset) { return "the data at byte " + std::to_string(offset) + " of the disk"; }

bool is_inside(std::uint64_t offset, std::uint64_t bytes, std::uint64_t end) {
    return offset <= end && bytes <= end - offset;
}

/// Whether `packed` begins with raw deflate data that gives at least all bytes of `into`.
bool inflate_into(std::span<std::byte> packed, std::span<std::byte> into) {
    constexpr int raw_window_bits = -12;  // as QEMU writes them
    z_stream stream{};
    if (::inflateInit2(&stream, raw_window_bits) != Z_OK) return false;
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(into.data());
    stream.avail_out = static_cast<uInt>(into.size());
    int const ended = ::inflate(&stream, Z_FINISH);
    bool const is_full = stream.avail_out == 0;
    ::inflateEnd(&stream);
    return (ended == Z_STREAM_END || ended == Z_BUF_ERROR) && is_full;
}

}  // namespace

Result<GuestDisk> GuestDisk::open(platform::RandomAccess const& image) {
    auto const header = read_qcow2_header(image);
    if (!header) return header.error();
    GuestDisk disk(image, *header);
    if (auto const loaded = disk.load_l1(); !loaded) return loaded.error();
    return disk;
}

Result<void> GuestDisk::load_l1() {
    auto const bytes = std::uint64_t{header_.l1_entries} * 8;
    if (!is_inside(header_.l1_offset, bytes, image_->size()))
        return incomplete("the file ends before the end of its L1 table");
    std::vector<std::byte> table(static_cast<std::size_t>(bytes));
    if (auto const done = image_->read(header_.l1_offset, table); !done) return done.error();
    l1_.resize(header_.l1_entries);
    for (std::size_t i = 0; i < l1_.size(); ++i) l1_[i] = be64(table, i * 8) & qcow2_entry::offset_bits;
    return {};
}

Result<void> GuestDisk::load_l2(std::uint64_t offset) {
    if (offset == l2_offset_) return {};
    if (header_.offset_in_cluster(offset) != 0) return damaged("an L2 table does not start at a cluster boundary");
    if (!is_inside(offset, header_.cluster_bytes(), image_->size()))
        return incomplete("the file ends before the end of an L2 table");
    l2_offset_ = 0;
    l2_.resize(static_cast<std::size_t>(header_.cluster_bytes()));
    if (auto const done = image_->read(offset, l2_); !done) return done.error();
    l2_offset_ = offset;
    return {};
}

Error GuestDisk::at_guest(Error error, std::uint64_t offset) const {
    return while_doing(std::move(error), place_text(offset));
}

Result<GuestDisk::Run> GuestDisk::run_at(std::uint64_t offset) {
    auto const cluster = offset >> header_.cluster_bits;
    auto const l1_index = cluster / header_.l2_entries();
    auto const table = l1_.at(static_cast<std::size_t>(l1_index));  // the header's check covers the whole disk
    if (table == 0) {
        auto const used = std::find_if(l1_.begin() + static_cast<std::ptrdiff_t>(l1_index), l1_.end(),
                                       [](std::uint64_t entry) { return entry != 0; });
        auto const next = static_cast<std::uint64_t>(used - l1_.begin());
        // Entries behind the end of the disk are possible: compare before multiplying.
        auto const bytes_of_entry = header_.cluster_bytes() * header_.l2_entries();
        bool const is_last = used == l1_.end() || next > size() / bytes_of_entry;
        return Run{is_last ? size() : std::min(size(), next * bytes_of_entry), Content::zeros, 0};
    }
    if (auto const loaded = load_l2(table); !loaded) return at_guest(loaded.error(), offset);
    auto const at = static_cast<std::size_t>(cluster % header_.l2_entries() * header_.l2_entry_bytes());
    auto run = run_of_entry(offset, be64(l2_, at), header_.extended_l2 ? be64(l2_, at + 8) : 0);
    if (!run) return at_guest(run.error(), offset);
    run->end = std::min(run->end, size());
    return run;
}

Result<GuestDisk::Run> GuestDisk::run_of_entry(std::uint64_t offset, std::uint64_t entry,
                                               std::uint64_t subclusters) const {
    auto const in_cluster = header_.offset_in_cluster(offset);
    auto const cluster_end = offset - in_cluster + header_.cluster_bytes();
    if ((entry & qcow2_entry::compressed) != 0) return Run{cluster_end, Content::compressed, entry};
    auto const place = entry & qcow2_entry::offset_bits;
    if (header_.offset_in_cluster(place) != 0) return damaged("it does not start at a cluster boundary");
    if (!header_.extended_l2) {
        bool const zeros = place == 0 || (entry & qcow2_entry::reads_as_zero) != 0;
        return Run{cluster_end, zeros ? Content::zeros : Content::data, place + in_cluster};
    }
    auto const bytes = header_.cluster_bytes() / subclusters_per_cluster;
    auto const has_data = [&](std::uint64_t index) {
        bool const is_allocated = (subclusters >> index & 1) != 0;
        bool const is_zero = (subclusters >> (subclusters_per_cluster + index) & 1) != 0;
        return place != 0 && is_allocated && !is_zero;
    };
    auto const first = in_cluster / bytes;
    auto next = first + 1;
    while (next < subclusters_per_cluster && has_data(next) == has_data(first)) ++next;
    return Run{offset - in_cluster + next * bytes, has_data(first) ? Content::data : Content::zeros,
               place + in_cluster};
}

Result<GuestDisk::Extent> GuestDisk::extent(std::uint64_t offset) {
    auto const first = run_at(offset);
    if (!first) return first.error();
    bool const has_data = first->content != Content::zeros;
    Extent extent{first->end, has_data};
    // At most to the end of the L2 table at hand: a longer hole takes several calls, each of which is short.
    auto const bytes_of_table = header_.cluster_bytes() * header_.l2_entries();
    auto const table_end = offset - offset % bytes_of_table + bytes_of_table;
    while (extent.end < std::min(table_end, size()) && !(has_data && extent.end - offset >= longest_data)) {
        auto const next = run_at(extent.end);
        if (!next) return next.error();
        if ((next->content != Content::zeros) != has_data) break;
        extent.end = next->end;
    }
    return extent;
}

Result<void> GuestDisk::unpack(std::uint64_t entry) {
    if (entry == unpacked_entry_) return {};
    if (header_.zstd)
        return Error{Errc::refused, "it is compressed with zstd, which this program cannot read; qemu-img convert can"};
    auto const [offset, bytes] = qcow2_entry::compressed_range(entry, header_.cluster_bits);
    auto const end = image_->size();
    if (offset >= end) return incomplete("the file ends before it");
    unpacked_entry_ = 0;
    packed_.resize(static_cast<std::size_t>(std::min(bytes, end - offset)));
    unpacked_.resize(static_cast<std::size_t>(header_.cluster_bytes()));
    if (auto const done = image_->read(offset, packed_); !done) return done.error();
    if (!inflate_into(packed_, unpacked_)) return damaged("its compressed form is not valid");
    unpacked_entry_ = entry;
    return {};
}

Result<void> GuestDisk::read(std::uint64_t offset, std::span<std::byte> into) {
    if (!is_inside(offset, into.size(), size())) return Error{Errc::internal, "read beyond the end of the disk"};
    while (!into.empty()) {
        auto const run = run_at(offset);
        if (!run) return run.error();
        auto const part = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(run->end - offset, into.size())));
        if (run->content == Content::zeros) {
            std::ranges::fill(part, std::byte{0});
        } else if (run->content == Content::data) {
            if (!is_inside(run->place, part.size(), image_->size()))
                return at_guest(incomplete("the file ends before it"), offset);
            if (auto const done = image_->read(run->place, part); !done) return done.error();
        } else {
            if (auto const done = unpack(run->place); !done) return at_guest(done.error(), offset);
            auto const from = std::span(unpacked_).subspan(static_cast<std::size_t>(header_.offset_in_cluster(offset)));
            std::ranges::copy(from.first(part.size()), part.begin());
        }
        offset += part.size();
        into = into.subspan(part.size());
    }
    return {};
}

}  // namespace sb::verify
