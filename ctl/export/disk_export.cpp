#include "ctl/export/disk_export.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

namespace sb::ctl {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{8} << 20;
/// What is all zero in this granularity is left out, as `qemu-img convert` does.
constexpr std::size_t hole_bytes = 4096;
/// Written bytes wait in memory until they are flushed: not a whole disk at the end.
constexpr std::uint64_t flush_every = std::uint64_t{1} << 30;

bool is_zero(std::span<std::byte const> bytes) {
    return bytes.empty() ||
           (bytes.front() == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

/// How many bytes at the beginning are alike: all zero, or without a piece that is.
std::size_t alike(std::span<std::byte const> bytes, bool zero) {
    std::size_t end = 0;
    while (end < bytes.size()) {
        auto const piece = bytes.subspan(end, std::min(hole_bytes, bytes.size() - end));
        if (is_zero(piece) != zero) break;
        end += piece.size();
    }
    return end;
}

}  // namespace

std::uint64_t space_needed(verify::Qcow2Summary const& image, bool has_snapshots, std::uint64_t allocated_bytes) {
    constexpr std::uint64_t tables = std::uint64_t{16} << 20;  // of any format
    // The last cluster may reach beyond the end of the disk.
    auto const data = std::min(image.data_clusters * image.cluster_bytes, image.virtual_bytes);
    bool const uses_each_cluster_once = image.compressed_clusters == 0 && !has_snapshots;
    return tables + (uses_each_cluster_once ? std::min(data, allocated_bytes) : data);
}

DiskExport::DiskExport(verify::GuestDisk& disk, DiskWriter& writer, NewFile& file, std::uint64_t data_bytes)
    : disk_(disk), writer_(writer), file_(file), data_bytes_(data_bytes), buffer_(buffer_bytes) {}

Result<void> DiskExport::write_data(std::uint64_t offset, std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        bool const zero = is_zero(bytes.first(std::min(hole_bytes, bytes.size())));
        auto const part = bytes.first(alike(bytes, zero));
        if (!zero) {
            if (auto const done = writer_.write(offset, part); !done) return done;
            unflushed_bytes_ += part.size();
        }
        offset += part.size();
        bytes = bytes.subspan(part.size());
    }
    if (unflushed_bytes_ < flush_every) return {};
    unflushed_bytes_ = 0;
    return file_.flush();
}

Result<bool> DiskExport::copy_step() {
    if (at_ < disk_.size()) {
        auto const extent = disk_.extent(at_);
        if (!extent) return extent.error();
        auto end = extent->end;
        if (extent->has_data) {
            auto const part =
                std::span(buffer_).first(static_cast<std::size_t>(std::min<std::uint64_t>(end - at_, buffer_.size())));
            if (auto const done = disk_.read(at_, part); !done) return done.error();
            if (auto const done = write_data(at_, part); !done) return done.error();
            done_bytes_ += part.size();
            end = at_ + part.size();
        }
        at_ = end;
        if (at_ < disk_.size()) return false;
    }
    if (auto const done = writer_.finish(); !done) return done.error();
    at_ = 0;
    return true;
}

Error DiskExport::difference(std::span<std::byte const> original, std::span<std::byte const> copy) const {
    auto const wrong = std::ranges::mismatch(original, copy).in1 - original.begin();
    return {Errc::io, "the new file differs from the image at byte " +
                          std::to_string(at_ + static_cast<std::uint64_t>(wrong)) + " of the disk"};
}

Result<bool> DiskExport::compare_step() {
    if (at_ < disk_.size()) {
        auto const extent = disk_.extent(at_);
        if (!extent) return extent.error();
        if (!extent->has_data) {
            auto const next = writer_.next_data(at_);
            if (!next) return next.error();
            auto const hole_end = std::min(*next, extent->end);
            if (hole_end > at_) {
                at_ = hole_end;
                return at_ >= disk_.size();
            }
        }
        written_.resize(buffer_bytes);
        auto const count = static_cast<std::size_t>(std::min<std::uint64_t>(extent->end - at_, buffer_.size()));
        auto const original = std::span(buffer_).first(count), copy = std::span(written_).first(count);
        if (auto const done = disk_.read(at_, original); !done) return done.error();
        if (auto const done = writer_.read(at_, copy); !done) return done.error();
        if (std::memcmp(original.data(), copy.data(), count) != 0) return difference(original, copy);
        if (extent->has_data) done_bytes_ += count;
        at_ += count;
    }
    return at_ >= disk_.size();
}

}  // namespace sb::ctl
