#include "simulator/transfer/qcow2_writer.hpp"

#include "simulator/transfer/deflate.hpp"
#include "simulator/transfer/qcow2_format.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace sb::sim {
namespace {

using qcow2::store;

constexpr std::uint64_t cluster = std::uint64_t{1} << qcow2::export_cluster_bits;
constexpr std::uint64_t sector = 512;
constexpr std::uint64_t l2_entries = cluster / 8;        // one L2 table maps 512 GiB
constexpr std::uint64_t refcount_entries = cluster / 2;  // 16 bits each

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Guest clusters from `begin` to `end`, exclusive.
struct ClusterRun {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// The first run of clusters at or after `from` that may hold data.
Result<std::optional<ClusterRun>> next_run(RawFile const& source, std::uint64_t from, std::uint64_t capacity) {
    auto const extent = source.next_data(from * cluster);
    if (!extent) return extent.error();
    if (!extent->has_value() || (*extent)->begin >= capacity) return std::optional<ClusterRun>();
    return std::optional<ClusterRun>(
        ClusterRun{(*extent)->begin / cluster, divide_up(std::min((*extent)->end, capacity), cluster)});
}

/// The location of the image's parts, in host clusters.
struct Layout {
    std::uint64_t guest_clusters = 0;
    std::uint64_t data_clusters = 0;                  ///< an upper limit; clusters of zeros are found while copying
    std::vector<std::uint64_t> l2_tables;             ///< host cluster of each L1 entry's table, 0 = none
    std::uint64_t table_at = 1, table_clusters = 1;   ///< refcount table
    std::uint64_t blocks_at = 2, block_clusters = 1;  ///< refcount blocks
    std::uint64_t l1_at = 3, l1_clusters = 1;
    std::uint64_t data_at = 4;
};

Result<Layout> plan_layout(RawFile const& source, Qcow2Options const& options) {
    Layout layout;
    layout.guest_clusters = divide_up(options.capacity, cluster);
    layout.l2_tables.assign(divide_up(layout.guest_clusters, l2_entries), 0);
    for (std::uint64_t at = 0; at < layout.guest_clusters;) {
        auto const run = next_run(source, at, options.capacity);
        if (!run) return run.error();
        if (!run->has_value()) break;
        layout.data_clusters += (*run)->end - (*run)->begin;
        for (auto l1 = (*run)->begin / l2_entries; l1 <= ((*run)->end - 1) / l2_entries; ++l1) layout.l2_tables[l1] = 1;
        at = (*run)->end;
    }
    auto const tables = static_cast<std::uint64_t>(std::ranges::count(layout.l2_tables, 1U));
    layout.l1_clusters = std::max<std::uint64_t>(1, divide_up(layout.l2_tables.size() * 8, cluster));
    // An incompressible cluster starts at the next boundary, so compressed images may have gaps.
    std::uint64_t const data = options.compress ? 2 * layout.data_clusters + 1 : layout.data_clusters;
    for (std::uint64_t all = 0;;) {
        layout.block_clusters = std::max<std::uint64_t>(1, divide_up(all, refcount_entries));
        layout.table_clusters = divide_up(layout.block_clusters * 8, cluster);
        std::uint64_t const needed =
            1 + layout.table_clusters + layout.block_clusters + layout.l1_clusters + tables + data;
        if (needed <= all) break;
        all = needed;
    }
    layout.blocks_at = layout.table_at + layout.table_clusters;
    layout.l1_at = layout.blocks_at + layout.block_clusters;
    std::uint64_t next = layout.l1_at + layout.l1_clusters;
    for (auto& table : layout.l2_tables)
        if (table != 0) table = next++;
    layout.data_at = next;
    return layout;
}

class ImageWriter {
public:
    ImageWriter(RawFile const& source, Qcow2Options const& options, Layout layout, FolderFile& target, Pace& pace)
        : source_(source),
          options_(options),
          layout_(std::move(layout)),
          target_(target),
          pace_(pace),
          next_byte_(layout_.data_at * cluster),
          refcounts_(layout_.data_at, 1),
          guest_(cluster),
          packed_(cluster) {}

    Outcome<std::uint64_t> run() {
        if (auto done = write_header(); !done) return done.error();
        if (auto done = write_l1(); !done) return done.error();
        for (std::uint64_t at = 0; at < layout_.guest_clusters;) {
            auto const run = next_run(source_, at, options_.capacity);
            if (!run) return failed_here(run.error());
            if (!run->has_value()) break;
            for (at = (*run)->begin; at < (*run)->end; ++at)
                if (auto done = copy_cluster(at); !done) return done.error();
        }
        if (auto done = write_l2(); !done) return done.error();
        if (auto done = write_refcounts(); !done) return done.error();
        std::uint64_t const unit = options_.compress ? sector : cluster;
        std::uint64_t const length = divide_up(next_byte_, unit) * unit;
        if (auto done = target_.set_size(length); !done) return done.error();
        return length;
    }

private:
    Outcome<void> write_header() {
        namespace field = qcow2::field;
        std::vector<std::byte> header(4096);
        store<std::uint32_t>(header, field::magic, qcow2::magic);
        store<std::uint32_t>(header, field::version, options_.version_2 ? 2 : 3);
        store<std::uint32_t>(header, field::cluster_bits, qcow2::export_cluster_bits);
        store<std::uint64_t>(header, field::size, options_.capacity);
        store<std::uint32_t>(header, field::l1_size, static_cast<std::uint32_t>(layout_.l2_tables.size()));
        store<std::uint64_t>(header, field::l1_table_offset, layout_.l1_at * cluster);
        store<std::uint64_t>(header, field::refcount_table_offset, layout_.table_at * cluster);
        auto const table_clusters = static_cast<std::uint32_t>(layout_.table_clusters);
        store<std::uint32_t>(header, field::refcount_table_clusters, table_clusters);
        if (!options_.version_2) {
            store<std::uint32_t>(header, field::refcount_order, 4);
            store<std::uint32_t>(header, field::header_length, qcow2::v3_header_length);
        }
        return target_.write(0, header);
    }

    Outcome<void> write_l1() {
        std::vector<std::byte> l1(layout_.l2_tables.size() * 8);
        for (std::size_t i = 0; i < layout_.l2_tables.size(); ++i)
            if (layout_.l2_tables[i] != 0)
                store<std::uint64_t>(l1, i * 8, layout_.l2_tables[i] * cluster | qcow2::copied_flag);
        return target_.write(layout_.l1_at * cluster, l1);
    }

    Outcome<void> copy_cluster(std::uint64_t guest) {
        std::uint64_t const l1 = guest / l2_entries;
        // The guest keeps writing: a range without a table was empty when the export began.
        if (layout_.l2_tables[l1] == 0) return {};
        if (auto done = enter_l2(l1); !done) return done;
        std::uint64_t const offset = guest * cluster;
        auto const length = static_cast<std::size_t>(std::min(cluster, options_.capacity - offset));
        std::fill(guest_.begin() + static_cast<std::ptrdiff_t>(length), guest_.end(), std::byte{0});
        if (auto got = source_.read(offset, std::span(guest_).first(length)); !got) return failed_here(got.error());
        if (!all_zero(guest_)) {
            auto const entry = store_cluster();
            if (!entry) return entry.error();
            store<std::uint64_t>(l2_, static_cast<std::size_t>(guest % l2_entries) * 8, *entry);
        }
        return pace_.moved(cluster);
    }

    /// Appends guest_ to the image and returns its L2 entry.
    Outcome<std::uint64_t> store_cluster() {
        if (options_.compress) {
            // One byte less than a cluster: incompressible clusters are stored plain.
            auto const size = deflate_.pack(guest_, std::span(packed_).first(cluster - 1));
            if (size) return store_packed(*size);
        }
        std::uint64_t const host = divide_up(next_byte_, cluster);
        if (auto done = target_.write(host * cluster, guest_); !done) return done.error();
        count(host);
        next_byte_ = (host + 1) * cluster;
        return host * cluster | qcow2::copied_flag;
    }

    Outcome<std::uint64_t> store_packed(std::size_t size) {
        std::uint64_t const begin = next_byte_;
        std::uint64_t const last = begin + size - 1;
        if (auto done = target_.write(begin, std::span(packed_).first(size)); !done) return done.error();
        for (std::uint64_t host = begin / cluster; host <= last / cluster; ++host) count(host);
        next_byte_ = last + 1;
        // A host cluster counts its compressed guest clusters; 16 bits are enough for 2 MiB, but must never overflow.
        if (refcounts_.back() == 0xffff) next_byte_ = divide_up(next_byte_, cluster) * cluster;
        std::uint64_t const further_sectors = last / sector - begin / sector;
        unsigned const offset_bits = qcow2::compressed_offset_bits(qcow2::export_cluster_bits);
        return qcow2::compressed_flag | further_sectors << offset_bits | begin;
    }

    void count(std::uint64_t host) {
        if (refcounts_.size() <= host) refcounts_.resize(host + 1, 0);
        ++refcounts_[host];
    }

    Outcome<void> enter_l2(std::uint64_t l1) {
        if (l2_of_ == l1) return {};
        if (auto done = write_l2(); !done) return done;
        l2_of_ = l1;
        std::uint64_t const entries = std::min(l2_entries, layout_.guest_clusters - l1 * l2_entries);
        l2_.assign(static_cast<std::size_t>(entries) * 8, std::byte{0});
        return {};
    }

    Outcome<void> write_l2() {
        if (!l2_of_) return {};
        return target_.write(layout_.l2_tables[*l2_of_] * cluster, l2_);
    }

    Outcome<void> write_refcounts() {
        std::vector<std::byte> table(layout_.block_clusters * 8);
        for (std::uint64_t i = 0; i < layout_.block_clusters; ++i)
            store<std::uint64_t>(table, i * 8, (layout_.blocks_at + i) * cluster);
        if (auto done = target_.write(layout_.table_at * cluster, table); !done) return done;
        // The blocks are contiguous, so all counts form one array.
        std::vector<std::byte> counts(refcounts_.size() * 2);
        for (std::size_t i = 0; i < refcounts_.size(); ++i) store<std::uint16_t>(counts, i * 2, refcounts_[i]);
        return target_.write(layout_.blocks_at * cluster, counts);
    }

    RawFile const& source_;
    Qcow2Options const& options_;
    Layout const layout_;
    FolderFile& target_;
    Pace& pace_;
    Deflate deflate_;
    std::uint64_t next_byte_;               ///< the current end of the image
    std::vector<std::uint16_t> refcounts_;  ///< of every host cluster up to the end
    std::optional<std::uint64_t> l2_of_;    ///< the L1 index that l2_ belongs to
    std::vector<std::byte> l2_;
    std::vector<std::byte> guest_;
    std::vector<std::byte> packed_;
};

}  // namespace

std::uint64_t virtual_size_of(std::uint64_t capacity) { return divide_up(capacity, sector) * sector; }

Result<std::uint64_t> data_to_export(RawFile const& source, std::uint64_t capacity) {
    auto const layout = plan_layout(source, Qcow2Options{.capacity = capacity});
    if (!layout) return layout.error();
    return layout->data_clusters * cluster;
}

Outcome<std::uint64_t> write_qcow2(RawFile const& source, Qcow2Options options, FolderFile& target, Pace& pace) {
    auto layout = plan_layout(source, options);
    if (!layout) return failed_here(layout.error());
    return ImageWriter(source, options, std::move(*layout), target, pace).run();
}

}  // namespace sb::sim
