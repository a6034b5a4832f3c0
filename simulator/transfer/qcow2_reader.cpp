#include "simulator/transfer/qcow2_reader.hpp"

#include "simulator/transfer/deflate.hpp"
#include "simulator/transfer/qcow2_format.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sb::sim {
namespace {

using qcow2::load;

constexpr std::size_t longest_read = 4U << 20U;
constexpr std::size_t piece = 64U << 10U;                   // zeros of this length and alignment become holes
constexpr std::uint32_t max_l1_entries = (32U << 20U) / 8;  // QEMU's own limit

struct Header {
    unsigned cluster_bits = 0;
    std::uint64_t capacity = 0;
    std::uint64_t l1_offset = 0;
    std::uint32_t l1_size = 0;
    bool version_2 = false;

    std::uint64_t cluster() const { return std::uint64_t{1} << cluster_bits; }
    std::uint64_t l2_entries() const { return cluster() / 8; }
};

/// The problem of the header as a message; "" if there is none.
std::string read_header(std::span<std::byte const> bytes, Header& header) {
    namespace field = qcow2::field;
    if (load<std::uint32_t>(bytes, field::magic) != qcow2::magic) return "Image is not in qcow2 format";
    auto const version = load<std::uint32_t>(bytes, field::version);
    if (version != 2 && version != 3) return "Unsupported qcow2 version " + std::to_string(version);
    header.version_2 = version == 2;
    header.cluster_bits = load<std::uint32_t>(bytes, field::cluster_bits);
    if (header.cluster_bits < 9 || header.cluster_bits > 21) return "Unsupported cluster size";
    if (load<std::uint64_t>(bytes, field::backing_file_offset) != 0) return "Image has a backing file";
    if (load<std::uint32_t>(bytes, field::crypt_method) != 0) return "Image is encrypted";
    auto const features = header.version_2 ? 0 : load<std::uint64_t>(bytes, field::incompatible_features);
    if ((features & ~qcow2::feature_dirty) != 0) return "Image is corrupt or has unsupported qcow2 features";
    header.capacity = load<std::uint64_t>(bytes, field::size);
    header.l1_offset = load<std::uint64_t>(bytes, field::l1_table_offset);
    header.l1_size = load<std::uint32_t>(bytes, field::l1_size);
    std::uint64_t const mapped_by_l2 = header.cluster() * header.l2_entries();
    auto const needed = header.capacity / mapped_by_l2 + (header.capacity % mapped_by_l2 != 0 ? 1 : 0);
    if (header.l1_size > max_l1_entries || header.l1_size < needed) return "Invalid L1 table";
    return "";
}

class ImageReader {
public:
    ImageReader(FolderFile& image, std::string const& name, Header const& header, std::uint64_t file_size, RawFile raw,
                Pace& pace)
        : image_(image), name_(name), header_(header), file_size_(file_size), raw_(std::move(raw)), pace_(pace) {}

    Outcome<void> run() {
        std::vector<std::byte> l1(std::size_t{header_.l1_size} * 8);
        if (auto got = read_inside(header_.l1_offset, l1); !got) return got;
        std::vector<std::byte> l2(header_.cluster());
        std::uint64_t const guest_clusters = (header_.capacity + header_.cluster() - 1) >> header_.cluster_bits;
        for (std::uint64_t first = 0; first < guest_clusters; first += header_.l2_entries()) {
            auto const l1_entry = load<std::uint64_t>(l1, static_cast<std::size_t>(first / header_.l2_entries()) * 8);
            std::uint64_t const table = l1_entry & qcow2::offset_mask;
            if (table == 0) continue;
            // The last table of a short image may be truncated by the end of the file; only the part that maps the disk
            // is needed.
            auto const entries = static_cast<std::size_t>(std::min(header_.l2_entries(), guest_clusters - first));
            if (auto got = read_inside(table, std::span(l2).first(entries * 8)); !got) return got;
            for (std::size_t i = 0; i < entries; ++i)
                if (auto done = take(first + i, load<std::uint64_t>(l2, i * 8)); !done) return done;
        }
        if (auto done = flush(); !done) return done;
        return pace_.moved(file_size_ - std::min(file_size_, counted_));
    }

private:
    Failed corrupt_at(std::string const& why, std::uint64_t offset) const {
        return Failed{"Image '%@' is corrupt: %@", {name_, why + ", at offset " + std::to_string(offset)}, ""};
    }

    Outcome<void> read_inside(std::uint64_t offset, std::span<std::byte> into) {
        if (offset > file_size_ || into.size() > file_size_ - offset)
            return corrupt_at("a table is outside the file", offset);
        return image_.read(offset, into);
    }

    Outcome<void> count(std::uint64_t bytes) {
        std::uint64_t const space = file_size_ - std::min(file_size_, counted_);
        counted_ += bytes;
        return pace_.moved(std::min(bytes, space));
    }

    Outcome<void> take(std::uint64_t guest_cluster, std::uint64_t entry) {
        std::uint64_t const guest = guest_cluster << header_.cluster_bits;
        if ((entry & qcow2::compressed_flag) != 0) return take_compressed(guest, entry);
        if (!header_.version_2 && (entry & qcow2::zero_flag) != 0) return {};
        std::uint64_t const host = entry & qcow2::offset_mask;
        if (host == 0) return {};
        if (host >= file_size_) return corrupt_at("a data cluster is outside the file", host);
        bool const follows = guest == guest_ + length_ && host == host_ + length_;
        if (length_ != 0 && (!follows || length_ + header_.cluster() > longest_read))
            if (auto done = flush(); !done) return done;
        if (length_ == 0) {
            guest_ = guest;
            host_ = host;
        }
        length_ += header_.cluster();
        return {};
    }

    Outcome<void> take_compressed(std::uint64_t guest, std::uint64_t entry) {
        if (auto done = flush(); !done) return done;
        unsigned const offset_bits = qcow2::compressed_offset_bits(header_.cluster_bits);
        std::uint64_t const offset = entry & ((std::uint64_t{1} << offset_bits) - 1);
        std::uint64_t const further = (entry & ~(qcow2::compressed_flag | qcow2::copied_flag)) >> offset_bits;
        auto const packed_size = static_cast<std::size_t>((further + 1) * 512 - offset % 512);
        if (offset >= file_size_) return corrupt_at("a compressed cluster is outside the file", offset);
        packed_.resize(packed_size);
        buffer_.resize(header_.cluster());
        if (auto got = image_.read(offset, packed_); !got) return got;
        if (!unpack(packed_, buffer_)) return corrupt_at("a compressed cluster cannot be decompressed", offset);
        if (auto put = put_sparse(guest, buffer_); !put) return put;
        return count(packed_size);
    }

    /// Copies the collected run of clusters.
    Outcome<void> flush() {
        if (length_ == 0) return {};
        buffer_.resize(static_cast<std::size_t>(length_));
        if (auto got = image_.read(host_, buffer_); !got) return got;
        if (auto put = put_sparse(guest_, buffer_); !put) return put;
        std::uint64_t const done = length_;
        length_ = 0;
        return count(done);
    }

    Outcome<void> put_sparse(std::uint64_t guest, std::span<std::byte const> bytes) {
        bytes = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), header_.capacity - guest)));
        while (!bytes.empty()) {
            auto const part = bytes.first(std::min(piece, bytes.size()));
            if (!all_zero(part))
                if (auto put = raw_.write(guest, part); !put) return failed_here(put.error());
            guest += part.size();
            bytes = bytes.subspan(part.size());
        }
        return {};
    }

    FolderFile& image_;
    std::string const& name_;
    Header const header_;
    std::uint64_t const file_size_;
    RawFile raw_;
    Pace& pace_;
    std::uint64_t counted_ = 0;
    // the run of clusters, contiguous on both sides, that is not copied yet
    std::uint64_t guest_ = 0, host_ = 0, length_ = 0;
    std::vector<std::byte> buffer_;
    std::vector<std::byte> packed_;
};

}  // namespace

Outcome<std::uint64_t> read_qcow2(FolderFile& image, std::string const& name, std::string const& raw_path, Pace& pace) {
    auto const file_size = image.size();
    if (!file_size) return file_size.error();
    std::array<std::byte, qcow2::v3_header_length> bytes{};
    if (auto got = image.read(0, bytes); !got) return got.error();
    Header header;
    if (auto const wrong = read_header(bytes, header); !wrong.empty())
        return Failed{"Unable to use image '%@': %@", {name, wrong}, ""};
    auto raw = RawFile::create(raw_path, header.capacity);
    if (!raw) return failed_here(raw.error());
    ImageReader reader(image, name, header, *file_size, std::move(*raw), pace);
    if (auto done = reader.run(); !done) return done.error();
    return header.capacity;
}

}  // namespace sb::sim
