#include "ctl/export/disk_writer.hpp"

#include "common/vhdx/vhdx.hpp"

#include <algorithm>
#include <random>

namespace sb::ctl {
namespace {

class RawWriter : public DiskWriter {
public:
    RawWriter(std::uint64_t disk_bytes, NewFile& file) : disk_bytes_(disk_bytes), file_(file) {}

    Result<void> write(std::uint64_t offset, std::span<std::byte const> bytes) override {
        return file_.write(offset, bytes);
    }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        return file_.read(offset, into);
    }
    Result<std::uint64_t> next_data(std::uint64_t offset) const override { return file_.next_data(offset); }
    Result<void> finish() override { return file_.resize(disk_bytes_); }

private:
    std::uint64_t disk_bytes_;
    NewFile& file_;
};

class VhdxWriter : public DiskWriter {
public:
    VhdxWriter(vhdx::Vhdx layout, NewFile& file) : layout_(std::move(layout)), file_(file) {}

    Result<void> write(std::uint64_t offset, std::span<std::byte const> bytes) override {
        while (!bytes.empty()) {
            auto const part = bytes.first(in_block(offset, bytes.size()));
            if (auto const done = file_.write(layout_.place(offset), part); !done) return done;
            offset += part.size();
            bytes = bytes.subspan(part.size());
        }
        return {};
    }

    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        while (!into.empty()) {
            auto const part = into.first(in_block(offset, into.size()));
            if (auto const place = layout_.placed(offset)) {
                if (auto const done = file_.read(*place, part); !done) return done;
            } else {
                std::ranges::fill(part, std::byte{0});
            }
            offset += part.size();
            into = into.subspan(part.size());
        }
        return {};
    }

    Result<std::uint64_t> next_data(std::uint64_t offset) const override {
        // A disk may have millions of blocks; the caller asks again.
        for (int blocks = 0; blocks < most_blocks && offset < layout_.disk_bytes(); ++blocks) {
            auto const block_end = offset - offset % layout_.block_bytes() + layout_.block_bytes();
            if (auto const place = layout_.placed(offset)) {
                auto const data = file_.next_data(*place);
                if (!data) return data.error();
                // Behind this block the file may go on with any other one.
                if (*data < *place + (block_end - offset)) return offset + (*data - *place);
            }
            offset = block_end;
        }
        return offset;
    }

    Result<void> finish() override {
        if (auto const done = file_.resize(layout_.file_bytes()); !done) return done;
        for (auto const& piece : layout_.structure())
            if (auto const done = file_.write(piece.offset, piece.bytes); !done) return done;
        return {};
    }

private:
    static constexpr int most_blocks = 4096;

    /// How many of the bytes from `offset` on are in its block.
    std::size_t in_block(std::uint64_t offset, std::size_t bytes) const {
        auto const left = layout_.block_bytes() - offset % layout_.block_bytes();
        return static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes));
    }

    vhdx::Vhdx layout_;
    NewFile& file_;
};

vhdx::Guid random_guid() {
    std::random_device random;
    vhdx::Guid guid{};
    for (auto& byte : guid) byte = static_cast<std::byte>(random());
    // Version 4, variant 1: made of random bits. The version is in the high bits of the third number.
    guid[7] = (guid[7] & std::byte{0x0f}) | std::byte{0x40};
    guid[8] = (guid[8] & std::byte{0x3f}) | std::byte{0x80};
    return guid;
}

}  // namespace

Result<std::unique_ptr<DiskWriter>> make_disk_writer(DiskFormat format, std::uint64_t disk_bytes, NewFile& file) {
    std::unique_ptr<DiskWriter> writer;
    if (format == DiskFormat::raw) {
        writer = std::make_unique<RawWriter>(disk_bytes, file);
        return writer;
    }
    auto const kind = format == DiskFormat::fixed_vhdx ? vhdx::Kind::fixed : vhdx::Kind::dynamic;
    vhdx::Identity const identity{random_guid(), random_guid(), random_guid()};
    auto layout = vhdx::Vhdx::create(disk_bytes, kind, identity);
    if (!layout) return layout.error();
    writer = std::make_unique<VhdxWriter>(std::move(*layout), file);
    return writer;
}

}  // namespace sb::ctl
