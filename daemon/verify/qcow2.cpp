#include "daemon/verify/qcow2.hpp"

#include "common/text/ascii.hpp"
#include "daemon/verify/cluster_references.hpp"
#include "daemon/verify/qcow2_entry.hpp"
#include "daemon/verify/qcow2_header.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sb::verify {
namespace {

using namespace qcow2_entry;

constexpr std::uint64_t l1_reserved = 0x7f000000000001ff;
constexpr std::uint64_t l2_reserved = 0x3f000000000001fe;
constexpr std::uint64_t refcount_reserved = 0x1ff;

constexpr std::size_t table_window_bytes = 64 * 1024;  ///< long tables are read in pieces of this size
/// No image of a real disk has more tables: a disk of 100 TiB has 12 GiB of them, which are read twice. A sparse file
/// can claim any number.
constexpr std::uint64_t max_table_bytes = std::uint64_t{32} << 30;

struct L1Table {
    std::uint64_t offset = 0;
    std::uint64_t entries = 0;
    bool active = false;  ///< of the disk, not of a snapshot
};

class Check {
public:
    explicit Check(platform::RandomAccess const& image, Qcow2Header const& header)
        : image_(image),
          h_(header),
          end_(image.size()),
          references_((end_ >> h_.cluster_bits) + (h_.offset_in_cluster(end_) != 0 ? 1 : 0)),
          has_snapshots_(h_.snapshots != 0) {
        summary_.version = static_cast<int>(h_.version);
        summary_.cluster_bytes = h_.cluster_bytes();
        summary_.virtual_bytes = h_.virtual_bytes;
    }

    Result<Qcow2Summary> run() {
        if (auto ok = claim("the header", 0, std::min(h_.cluster_bytes(), end_), true); !ok) return ok.error();
        if (auto ok = count_refcount_blocks(); !ok) return ok.error();
        if (auto ok = has_snapshots_ ? count_shared_tables() : count_own_tables(); !ok) return ok.error();
        if (auto ok = compare_refcounts(); !ok) return ok.error();
        auto const flags = [this](std::uint64_t entry, std::uint64_t index) {
            return check_copied_flags(entry, index);
        };
        if (auto ok = each_entry("the L1 table", h_.l1_offset, h_.l1_entries, flags); !ok) return ok.error();
        return summary_;
    }

private:
    // ---- offsets in the file ----

    static std::string hex(std::uint64_t offset) {
        std::string text;
        do text.insert(text.begin(), hex_digit(offset));
        while ((offset >>= 4) != 0);
        return "0x" + text;
    }

    Error beyond_the_end(std::string const& what, std::uint64_t offset) const {
        return incomplete(what + " should be at " + hex(offset) + ", but the file ends at " + hex(end_) +
                          ": it is truncated or was not written completely");
    }

    bool inside(std::uint64_t offset, std::uint64_t bytes) const { return offset <= end_ && bytes <= end_ - offset; }

    /// Counts a use of every cluster in the range; the range must be inside the file.
    Result<void> claim(std::string const& what, std::uint64_t offset, std::uint64_t bytes, bool exclusive,
                       std::uint32_t times = 1) {
        if (bytes == 0) return {};
        if (!inside(offset, bytes)) return beyond_the_end(what, offset);
        auto const last = (offset + bytes - 1) >> h_.cluster_bits;
        for (auto cluster = offset >> h_.cluster_bits; cluster <= last; ++cluster)
            if (!references_.use(cluster, exclusive, times))
                return damaged(what + " at " + hex(offset) + " overlaps other data");
        return {};
    }

    /// Reads a part of a table. The sum is bounded, whatever the tables claim.
    Result<void> read_table(std::uint64_t offset, std::span<std::byte> into) {
        table_bytes_read_ += into.size();
        if (table_bytes_read_ > max_table_bytes)
            return Error{Errc::refused, "it has more tables than this check supports"};
        return image_.read(offset, into);
    }

    /// Calls visit(entry, index) for each 8-byte entry of a table that is not zero.
    template <class Visit>
    Result<void> each_entry(std::string const& what, std::uint64_t offset, std::uint64_t entries, Visit visit) {
        if (entries == 0) return {};
        if (!inside(offset, entries * 8)) return beyond_the_end(what, offset);
        std::vector<std::byte> window(
            static_cast<std::size_t>(std::min<std::uint64_t>(table_window_bytes, entries * 8)));
        for (std::uint64_t first = 0; first < entries;) {
            auto const count = std::min<std::uint64_t>(entries - first, window.size() / 8);
            auto const part = std::span(window).first(static_cast<std::size_t>(count * 8));
            if (auto ok = read_table(offset + first * 8, part); !ok) return ok;
            for (std::uint64_t i = 0; i < count; ++i)
                if (auto const entry = be64(part, static_cast<std::size_t>(i * 8)); entry != 0)
                    if (auto ok = visit(entry, first + i); !ok) return ok;
            first += count;
        }
        return {};
    }

    // ---- first pass: count the uses of each cluster ----

    Result<void> count_refcount_blocks() {
        auto const entries = std::uint64_t{h_.refcount_table_clusters} << (h_.cluster_bits - 3);
        if (auto ok = claim("the refcount table", h_.refcount_table_offset, entries * 8, true); !ok) return ok;
        return each_entry("the refcount table", h_.refcount_table_offset, entries,
                          [this](std::uint64_t entry, std::uint64_t index) -> Result<void> {
                              auto const what = "refcount block " + std::to_string(index);
                              if ((entry & refcount_reserved) != 0 || h_.offset_in_cluster(entry) != 0)
                                  return damaged(what + " does not start at a cluster boundary");
                              return claim(what, entry, h_.cluster_bytes(), true);
                          });
    }

    Result<void> claim_l1(L1Table const& table) { return claim("the L1 table", table.offset, table.entries * 8, true); }

    /// Without snapshots, nothing is used twice: each L2 table can be read where it is found.
    Result<void> count_own_tables() {
        L1Table const table{h_.l1_offset, h_.l1_entries, true};
        if (auto ok = claim_l1(table); !ok) return ok;
        return each_entry("the L1 table", table.offset, table.entries, [&](std::uint64_t entry, std::uint64_t index) {
            if (auto ok = claim_l2(entry, index); !ok) return ok;
            return count_l2(entry & offset_bits, index, true, 1);
        });
    }

    /// Snapshots share L2 tables with the disk. First all L1 tables say how often each L2 table is used; then each is
    /// read once, and what it refers to is used as often as it is itself.
    Result<void> count_shared_tables() {
        std::vector<L1Table> tables{{h_.l1_offset, h_.l1_entries, true}};
        if (auto ok = claim_l1(tables.front()); !ok) return ok;
        if (auto ok = add_snapshots(tables); !ok) return ok;
        for (auto const& table : tables) {
            auto const claim_table = [this](std::uint64_t entry, std::uint64_t index) {
                return claim_l2(entry, index);
            };
            if (auto ok = each_entry("an L1 table", table.offset, table.entries, claim_table); !ok) return ok;
        }
        for (auto const& table : tables) {
            auto const count = [&](std::uint64_t entry, std::uint64_t index) -> Result<void> {
                auto const offset = entry & offset_bits;
                auto const cluster = offset >> h_.cluster_bits;
                if (!references_.is_first_visit(cluster)) return {};
                return count_l2(offset, index, table.active, references_.uses(cluster));
            };
            if (auto ok = each_entry("an L1 table", table.offset, table.entries, count); !ok) return ok;
        }
        return {};
    }

    static std::string l2_name(std::uint64_t l1_index) { return "L2 table " + std::to_string(l1_index); }

    Result<void> claim_l2(std::uint64_t l1_entry, std::uint64_t l1_index) {
        auto const what = l2_name(l1_index);
        auto const offset = l1_entry & offset_bits;
        if ((l1_entry & l1_reserved) != 0) return damaged("the L1 table's entry for " + what + " has invalid bits");
        if (h_.offset_in_cluster(offset) != 0) return damaged(what + " does not start at a cluster boundary");
        return claim(what, offset, h_.cluster_bytes(), !has_snapshots_);
    }

    Result<void> read_l2(std::uint64_t l1_index, std::uint64_t offset) {
        if (!inside(offset, h_.cluster_bytes())) return beyond_the_end(l2_name(l1_index), offset);
        l2_.resize(static_cast<std::size_t>(h_.cluster_bytes()));
        return read_table(offset, l2_);
    }

    /// `times`: how often the table is used. What several L1 tables use has no known end of the disk.
    Result<void> count_l2(std::uint64_t offset, std::uint64_t l1_index, bool active, std::uint32_t times) {
        if (auto ok = read_l2(l1_index, offset); !ok) return ok;
        for (std::uint64_t i = 0; i < h_.l2_entries(); ++i) {
            auto const at = static_cast<std::size_t>(i * h_.l2_entry_bytes());
            auto const entry = be64(l2_, at);
            auto const subclusters = h_.extended_l2 ? be64(l2_, at + 8) : 0;
            if (entry == 0 && subclusters == 0) continue;
            // Cannot overflow: l1_index < 2^22, l2_entries <= 2^18.
            Use const use{l1_index * h_.l2_entries() + i, active, times};
            if (auto ok = count_data(entry, subclusters, use); !ok) return ok;
        }
        return {};
    }

    struct Use {
        std::uint64_t guest_cluster = 0;
        bool active = false;
        std::uint32_t times = 1;
    };

    Result<void> count_data(std::uint64_t entry, std::uint64_t subclusters, Use const& use) {
        auto const what = [&] { return "guest cluster " + std::to_string(use.guest_cluster); };
        if ((entry & compressed) != 0) {
            if ((entry & copied) != 0 || subclusters != 0) return damaged(what() + " has invalid bits");
            if (use.active) {
                ++summary_.data_clusters;
                ++summary_.compressed_clusters;
            }
            return count_compressed(what(), entry, use.times);
        }
        if ((entry & l2_reserved) != 0) return damaged(what() + " has invalid bits");
        bool const zero = !h_.extended_l2 && (entry & reads_as_zero) != 0;
        if (h_.extended_l2 && (entry & reads_as_zero) != 0) return damaged(what() + " has invalid bits");
        if (zero && h_.version == 2) return damaged(what() + " is marked as zero, which version 2 does not support");
        auto const offset = entry & offset_bits;
        auto const allocated = subclusters & 0xffffffff;
        if (offset == 0) {
            if (allocated != 0) return damaged(what() + " has data, but no offset");
            return {};  // unallocated or zero
        }
        if ((allocated & (subclusters >> 32)) != 0) return damaged(what() + " is marked both as data and as zero");
        if (h_.offset_in_cluster(offset) != 0) return damaged(what() + " does not start at a cluster boundary");
        bool const has_data = h_.extended_l2 ? allocated != 0 : !zero;
        // Only what the guest can read must exist: the last cluster may extend past the end of the disk.
        if (auto ok = claim_data(what, offset, has_data ? bytes_of_guest(use) : 0, use.times); !ok) return ok;
        if (use.active && has_data) ++summary_.data_clusters;
        return {};
    }

    /// How many bytes of a guest cluster are before the end of the disk. A snapshot's disk may have had another size,
    /// and its saved memory follows its end, so for snapshots the whole cluster counts.
    std::uint64_t bytes_of_guest(Use const& use) const {
        auto const whole = h_.cluster_bytes();
        if (!use.active || use.times > 1) return whole;
        if (use.guest_cluster > h_.virtual_bytes >> h_.cluster_bits) return 0;
        return std::min(whole, h_.virtual_bytes - (use.guest_cluster << h_.cluster_bits));
    }

    template <class What>
    Result<void> claim_data(What const& what, std::uint64_t offset, std::uint64_t needed, std::uint32_t times) {
        auto const cluster = offset >> h_.cluster_bits;
        if (cluster >= references_.clusters() || !inside(offset, needed)) return beyond_the_end(what(), offset);
        if (!references_.use(cluster, !has_snapshots_, times))
            return damaged(what() + " at " + hex(offset) + " overlaps other data");
        return {};
    }

    Result<void> count_compressed(std::string const& what, std::uint64_t entry, std::uint32_t times) {
        auto const [offset, bytes] = compressed_range(entry, h_.cluster_bits);
        // The end of the file may cut the last sector short.
        auto const rounded_end = end_ + (512 - end_ % 512) % 512;
        if (offset >= end_ || bytes > rounded_end - offset) return beyond_the_end(what, offset);
        return claim(what, offset, std::min(bytes, end_ - offset), false, times);
    }

    /// Claims the snapshot table and the snapshots' L1 tables, and adds these.
    Result<void> add_snapshots(std::vector<L1Table>& tables) {
        auto at = h_.snapshots_offset;
        for (std::uint32_t i = 0; i < h_.snapshots; ++i) {
            auto const what = "snapshot " + std::to_string(i);
            std::array<std::byte, 40> head{};
            if (!inside(at, head.size())) return beyond_the_end(what, at);
            if (auto ok = image_.read(at, head); !ok) return ok;
            auto const l1_offset = be64(head, 0);
            auto const l1_entries = be32(head, 8);
            auto const bytes = head.size() + std::uint64_t{be32(head, 36)} + be16(head, 12) + be16(head, 14);
            // Version 3 requires the sizes of its memory and of its disk.
            if (h_.version >= 3 && be32(head, 36) < 16) return damaged(what + " is incomplete");
            if (l1_entries > (32u << 20) / 8) return damaged(what + "'s L1 table is too large");
            if (h_.offset_in_cluster(l1_offset) != 0)
                return damaged(what + "'s L1 table does not start at a cluster boundary");
            if (!inside(at, bytes)) return beyond_the_end(what, at);
            L1Table const table{l1_offset, l1_entries, false};
            if (auto ok = claim_l1(table); !ok) return while_doing(ok.error(), what);
            tables.push_back(table);
            at += (bytes + 7) / 8 * 8;
        }
        return claim("the snapshot table", h_.snapshots_offset, std::min(at, end_) - h_.snapshots_offset, true);
    }

    // ---- second pass: compare with the image's own refcounts ----

    Result<void> compare_refcounts() {
        auto const bits = std::uint64_t{1} << h_.refcount_order;
        auto const block_entries = h_.cluster_bytes() * 8 / bits;
        std::vector<std::byte> block(static_cast<std::size_t>(h_.cluster_bytes()));
        auto const table_entries = std::uint64_t{h_.refcount_table_clusters} << (h_.cluster_bits - 3);
        std::uint64_t seen_used = 0;
        auto const compare_block = [&](std::uint64_t offset, std::uint64_t index) -> Result<void> {
            // An index past the file's clusters is only a leak. (No overflow: index < 2^20, entries <= 2^24.)
            auto const first = index * block_entries;
            if (first >= references_.clusters()) return {};
            if (auto ok = read_table(offset, block); !ok) return ok;
            auto const count = std::min(block_entries, references_.clusters() - first);
            for (std::uint64_t i = 0; i < count; ++i) {
                auto const counted = refcount_at(block, i);
                auto const used = references_.uses(first + i);
                if (counted < used)
                    return damaged("the cluster at " + hex((first + i) << h_.cluster_bits) + " is used " +
                                   std::to_string(used) + " times, but its refcount is " + std::to_string(counted));
                if (counted > used) ++summary_.leaked_clusters;
                if (used > 0) ++seen_used;
                references_.store_refcount_is_one(first + i, counted == 1);
            }
            return {};
        };
        if (auto ok = each_entry("the refcount table", h_.refcount_table_offset, table_entries, compare_block); !ok)
            return ok;
        if (seen_used != references_.used_clusters()) return damaged("some used clusters have no refcount block");
        return {};
    }

    std::uint64_t refcount_at(std::span<std::byte const> block, std::uint64_t index) const {
        switch (h_.refcount_order) {
            case 3: return std::to_integer<std::uint64_t>(block[static_cast<std::size_t>(index)]);
            case 4: return be16(block, static_cast<std::size_t>(index * 2));
            case 5: return be32(block, static_cast<std::size_t>(index * 4));
            case 6: return be64(block, static_cast<std::size_t>(index * 8));
            default: {  // narrower than a byte: the first one is in the lowest bits
                auto const bits = 1u << h_.refcount_order;
                auto const per_byte = 8 / bits;
                auto const byte = std::to_integer<unsigned>(block[static_cast<std::size_t>(index / per_byte)]);
                return (byte >> (index % per_byte * bits)) & ((1u << bits) - 1);
            }
        }
    }

    /// The "copied" flag must be set if and only if the refcount of the cluster is one. Otherwise a later write to this
    /// image would destroy shared data, and qemu-img reports corruption.
    Result<void> check_copied_flags(std::uint64_t l1_entry, std::uint64_t l1_index) {
        auto const wrong = [this](std::uint64_t entry) {
            return ((entry & copied) != 0) != references_.refcount_is_one((entry & offset_bits) >> h_.cluster_bits);
        };
        if (wrong(l1_entry)) return damaged("the 'copied' flag of " + l2_name(l1_index) + " is wrong");
        auto const offset = l1_entry & offset_bits;
        if (!references_.is_first_visit(offset >> h_.cluster_bits)) return {};
        if (auto ok = read_l2(l1_index, offset); !ok) return ok;
        for (std::uint64_t i = 0; i < h_.l2_entries(); ++i) {
            auto const entry = be64(l2_, static_cast<std::size_t>(i * h_.l2_entry_bytes()));
            if ((entry & compressed) == 0 && (entry & offset_bits) != 0 && wrong(entry))
                return damaged("the 'copied' flag of guest cluster " + std::to_string(l1_index * h_.l2_entries() + i) +
                               " is wrong");
        }
        return {};
    }

    platform::RandomAccess const& image_;
    Qcow2Header const h_;
    std::uint64_t const end_;
    ClusterReferences references_;
    bool const has_snapshots_;
    std::uint64_t table_bytes_read_ = 0;
    std::vector<std::byte> l2_;  ///< the table being read
    Qcow2Summary summary_;
};

}  // namespace

Result<Qcow2Summary> check_qcow2(platform::RandomAccess const& image) {
    auto const header = read_qcow2_header(image);
    if (!header) return header.error();
    if (image.size() >> header->cluster_bits >= ClusterReferences::max_clusters)
        return Error{Errc::refused, "it has more clusters than this check supports"};
    return Check(image, *header).run();
}

}  // namespace sb::verify
