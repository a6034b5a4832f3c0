// Whole files: what qemu-img reads in an exported disk is what it reads in the image.
#include "ctl/export/disk_export.hpp"

#include "common/json/document.hpp"
#include "ctl/export/disk_folder.hpp"
#include "tests/support/process.hpp"
#include "tests/unit/verify/image_builder.hpp"
#include "tests/unit/verify/qemu_images.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <algorithm>
#include <random>

namespace sb::ctl {
namespace {

using sb::test::BytesInMemory;
using sb::test::SmallImage;
using testing::HasSubstr;

constexpr std::uint64_t mib = std::uint64_t{1} << 20, gib = mib << 10;

/// In memory; can forget what was written to one place, as a broken disk does.
class FileInMemory : public NewFile {
public:
    Result<void> write(std::uint64_t offset, std::span<std::byte const> bytes) override {
        content.resize(std::max(content.size(), static_cast<std::size_t>(offset + bytes.size())));
        std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
        written += bytes.size();
        return {};
    }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        for (std::size_t i = 0; i < into.size(); ++i)
            into[i] = offset + i < content.size() ? content[static_cast<std::size_t>(offset + i)] : std::byte{0};
        return {};
    }
    Result<std::uint64_t> next_data(std::uint64_t offset) const override {
        if (!reports_holes) return offset;
        auto const end = static_cast<std::uint64_t>(content.size());
        while (offset < end && content[static_cast<std::size_t>(offset)] == std::byte{0}) ++offset;
        return offset;
    }
    Result<void> resize(std::uint64_t bytes) override {
        content.resize(static_cast<std::size_t>(bytes));
        return {};
    }
    Result<void> flush() override { return {}; }
    Result<std::string> share(unsigned) override { return std::string(); }
    Result<void> publish() override { return {}; }

    std::vector<std::byte> content;
    std::uint64_t written = 0;
    bool reports_holes = true;
};

Result<void> run_to_the_end(DiskExport& work, Result<bool> (DiskExport::*step)()) {
    for (;;) {
        auto const done = (work.*step)();
        if (!done) return done.error();
        if (*done) return {};
    }
}

class DiskExportOracle : public verify::test::QemuImages {
protected:
    void export_as(DiskFormat format, std::string const& image, std::string const& name, bool compare = false) const {
        auto const folder = std::move(DiskFolder::open(path("."), DiskFolder::LastStep::may_be_link).value());
        auto const source = std::move(folder.open_file(image).value());
        auto disk = verify::GuestDisk::open(*source);
        ASSERT_TRUE(disk) << image << ": " << disk.error().context;
        std::filesystem::remove(path(name));
        auto const file = std::move(folder.create(name).value());
        auto const writer = make_disk_writer(format, disk->size(), *file);
        ASSERT_TRUE(writer) << image << ": " << writer.error().context;
        DiskExport work(*disk, **writer, *file, 0);
        auto const copied = run_to_the_end(work, &DiskExport::copy_step);
        ASSERT_TRUE(copied) << image << ": " << copied.error().context;
        if (compare) EXPECT_TRUE(run_to_the_end(work, &DiskExport::compare_step)) << image;
        ASSERT_TRUE(file->publish());
    }

    void expect_same(std::string const& image, std::string const& kind, std::string const& file) const {
        EXPECT_EQ(run({"qemu-img", "compare", "-f", "qcow2", "-F", kind, path(image)}, file), 0)
            << image << " as " << kind;
    }

    void expect_good_vhdx(std::string const& image, std::string const& file) const {
        EXPECT_EQ(run({"qemu-img", "check", "-f", "vhdx"}, file), 0) << image;
        expect_same(image, "vhdx", file);
    }

    std::uint64_t virtual_bytes(std::string const& kind, std::string const& file) const {
        auto const shown = sb::test::run({{"qemu-img", "info", "--output=json", "-f", kind, path(file)}});
        auto const about = json::Document::parse(shown.out);
        return about ? about->root()["virtual-size"].unsigned_integer().value_or(0) : 0;
    }

    std::uint64_t allocated(std::string const& file) const {
        struct stat about {};
        EXPECT_EQ(::stat(path(file).c_str(), &about), 0);
        return static_cast<std::uint64_t>(about.st_blocks) * 512;
    }
};

TEST_F(DiskExportOracle, EveryKindOfImageIsTheSameDiskInEachFormat) {
    for (auto const& image : make_one_of_each_kind()) {
        // Larger ones have the same kinds of tables, and need no gigabytes to compare.
        if (ours(image)->virtual_bytes > 64 * mib) continue;
        export_as(DiskFormat::raw, image, "out.raw");
        expect_same(image, "raw", "out.raw");
        EXPECT_EQ(std::filesystem::file_size(path("out.raw")), ours(image)->virtual_bytes) << image;
        export_as(DiskFormat::fixed_vhdx, image, "out.vhdx");
        expect_good_vhdx(image, "out.vhdx");
        export_as(DiskFormat::dynamic_vhdx, image, "out.vhdx", true);
        expect_good_vhdx(image, "out.vhdx");
        EXPECT_EQ(virtual_bytes("vhdx", "out.vhdx"), ours(image)->virtual_bytes) << image;
    }
}

TEST_F(DiskExportOracle, SizesAroundTheEndOfABlockOrOfAMiBAreExact) {
    std::mt19937_64 random(5);
    for (auto const size : {512 * std::uint64_t{1}, mib - 512, mib + 512, 2 * mib, 2 * mib + 512, 7 * mib + 4096}) {
        make_raw("a.raw", static_cast<std::size_t>(size), static_cast<unsigned>(size));
        ASSERT_EQ(run({"qemu-img", "convert", "-f", "raw", "-O", "qcow2", path("a.raw")}, "image"), 0);
        for (auto const format : {DiskFormat::fixed_vhdx, DiskFormat::dynamic_vhdx}) {
            export_as(format, "image", "out.vhdx", true);
            expect_good_vhdx("image", "out.vhdx");
            EXPECT_EQ(virtual_bytes("vhdx", "out.vhdx"), size);
            EXPECT_EQ(std::filesystem::file_size(path("out.vhdx")) % mib, 0U) << "whole MiB, as Windows demands";
        }
    }
}

TEST_F(DiskExportOracle, ADiskOfMoreThanTwoTiBStaysSparse) {
    ASSERT_EQ(run({"qemu-img", "create", "-f", "qcow2", path("image"), "3T"}), 0);
    ASSERT_EQ(run({"qemu-io", "-f", "qcow2", "-c", "write -P 5 0 64k", "-c", "write -P 6 2199023255040 1M", "-c",
                   "write -P 7 3298534883000 328"},
                  "image"),
              0);
    for (auto const format : {DiskFormat::fixed_vhdx, DiskFormat::dynamic_vhdx}) {
        export_as(format, "image", "out.vhdx");
        EXPECT_EQ(run({"qemu-img", "check", "-f", "vhdx"}, "out.vhdx"), 0);
        EXPECT_EQ(virtual_bytes("vhdx", "out.vhdx"), 3 * 1024 * gib);
        EXPECT_EQ(run({"qemu-io", "-r", "-f", "vhdx", "-c", "read -P 5 0 64k", "-c", "read -P 0 64k 1M", "-c",
                       "read -P 6 2199023255040 1M", "-c", "read -P 7 3298534883000 328"},
                      "out.vhdx"),
                  0);
        EXPECT_LE(allocated("out.vhdx"), 24 * mib);
    }
    EXPECT_LE(std::filesystem::file_size(path("out.vhdx")), 64 * mib) << "a dynamic one is small without holes, too";
}

TEST_F(DiskExportOracle, ZerosThatTheImageStoresAsDataBecomeHoles) {
    ASSERT_EQ(run({"qemu-img", "create", "-f", "qcow2", path("image"), "64M"}), 0);
    ASSERT_EQ(run({"qemu-io", "-f", "qcow2", "-c", "write -P 0 0 32M", "-c", "write -P 1 40M 4k"}, "image"), 0);
    for (auto const format : {DiskFormat::raw, DiskFormat::fixed_vhdx}) {
        export_as(format, "image", "out");
        EXPECT_LE(allocated("out"), 4 * mib);
    }
    export_as(DiskFormat::dynamic_vhdx, "image", "out");
    EXPECT_LE(std::filesystem::file_size(path("out")), 8 * mib);
}

TEST_F(DiskExportOracle, QemuCanWriteIntoAnExportedVhdx) {
    make_raw("a.raw", 5 * mib, 9);
    ASSERT_EQ(run({"qemu-img", "convert", "-f", "raw", "-O", "qcow2", path("a.raw")}, "image"), 0);
    for (auto const format : {DiskFormat::fixed_vhdx, DiskFormat::dynamic_vhdx}) {
        export_as(format, "image", "out.vhdx");
        EXPECT_EQ(run({"qemu-io", "-f", "vhdx", "-c", "write -P 3 1M 100k"}, "out.vhdx"), 0);
        EXPECT_EQ(run({"qemu-img", "check", "-f", "vhdx"}, "out.vhdx"), 0);
        EXPECT_EQ(run({"qemu-io", "-r", "-f", "vhdx", "-c", "read -P 3 1M 100k"}, "out.vhdx"), 0);
    }
}

TEST(DiskExport, ASizeThatIsNoMultipleOfASectorIsKeptInARawFile) {
    SmallImage small(SmallImage::cluster + 1001);
    for (std::size_t i = 0; i < 2 * SmallImage::cluster; ++i) small.bytes[SmallImage::data + i] = std::byte{'x'};
    BytesInMemory const image(small.bytes);
    auto disk = verify::GuestDisk::open(image);
    FileInMemory file;
    auto const writer = make_disk_writer(DiskFormat::raw, disk->size(), file);
    DiskExport work(*disk, **writer, file, 0);
    ASSERT_TRUE(run_to_the_end(work, &DiskExport::copy_step));
    EXPECT_EQ(file.content, std::vector<std::byte>(SmallImage::cluster + 1001, std::byte{'x'}));
}

TEST(DiskExport, AComparisonFindsAByteThatTheDiskLost) {
    SmallImage small;
    for (std::size_t i = 0; i < SmallImage::cluster; ++i) small.bytes[SmallImage::data + i] = std::byte{'x'};
    BytesInMemory const image(small.bytes);
    for (auto const format : {DiskFormat::raw, DiskFormat::fixed_vhdx, DiskFormat::dynamic_vhdx}) {
        auto disk = verify::GuestDisk::open(image);
        FileInMemory file;
        auto const writer = make_disk_writer(format, disk->size(), file);
        DiskExport work(*disk, **writer, file, 0);
        ASSERT_TRUE(run_to_the_end(work, &DiskExport::copy_step));
        auto const place = std::ranges::search(file.content, std::vector<std::byte>(1000, std::byte{'x'})).begin();
        place[300] = std::byte{'y'};
        auto const compared = run_to_the_end(work, &DiskExport::compare_step);
        ASSERT_FALSE(compared);
        EXPECT_THAT(compared.error().context, HasSubstr("differs from the image at byte 300 of the disk"));
    }
}

TEST(DiskExport, AComparisonFindsWhatIsNotInTheImage) {
    SmallImage small(32 * mib);
    for (std::size_t i = 0; i < 2 * SmallImage::cluster; ++i) small.bytes[SmallImage::data + i] = std::byte{'x'};
    BytesInMemory const image(small.bytes);
    for (bool const reports_holes : {true, false}) {
        auto disk = verify::GuestDisk::open(image);
        FileInMemory file;
        file.reports_holes = reports_holes;
        auto const writer = make_disk_writer(DiskFormat::fixed_vhdx, disk->size(), file);
        DiskExport work(*disk, **writer, file, 0);
        ASSERT_TRUE(run_to_the_end(work, &DiskExport::copy_step));
        auto const disk_begin = std::ranges::search(file.content, std::vector<std::byte>(1000, std::byte{'x'})).begin();
        disk_begin[20 * mib + 7] = std::byte{'y'};
        auto const compared = run_to_the_end(work, &DiskExport::compare_step);
        ASSERT_FALSE(compared);
        EXPECT_THAT(compared.error().context, HasSubstr("differs from the image at byte 20971527 of the disk"));
    }
}

/// Counts what is read of a file that is one hole.
class Hole : public NewFile {
public:
    Result<void> write(std::uint64_t, std::span<std::byte const>) override { return {}; }
    Result<void> read(std::uint64_t, std::span<std::byte> into) const override {
        read_bytes += into.size();
        std::ranges::fill(into, std::byte{0});
        return {};
    }
    Result<std::uint64_t> next_data(std::uint64_t offset) const override { return std::max(offset, size); }
    Result<void> resize(std::uint64_t bytes) override {
        size = bytes;
        return {};
    }
    Result<void> flush() override { return {}; }
    Result<std::string> share(unsigned) override { return std::string(); }
    Result<void> publish() override { return {}; }

    std::uint64_t size = 0;
    mutable std::uint64_t read_bytes = 0;
};

TEST(DiskExport, AComparisonReadsNoHoles) {
    constexpr std::uint64_t disk_bytes = 500 * gib;  // of 1000 L1 entries
    SmallImage small(disk_bytes);
    small.put(36, 1024, 4);
    small.put(SmallImage::l1, 0, 8);
    BytesInMemory const image(small.bytes);
    for (auto const format : {DiskFormat::raw, DiskFormat::fixed_vhdx, DiskFormat::dynamic_vhdx}) {
        auto disk = verify::GuestDisk::open(image);
        ASSERT_TRUE(disk) << disk.error().context;
        Hole file;
        auto const writer = make_disk_writer(format, disk->size(), file);
        DiskExport work(*disk, **writer, file, 0);
        ASSERT_TRUE(run_to_the_end(work, &DiskExport::copy_step));
        ASSERT_TRUE(run_to_the_end(work, &DiskExport::compare_step));
        EXPECT_EQ(file.read_bytes, 0U);
    }
}

TEST(DiskExport, NothingIsWrittenForZeros) {
    SmallImage const small;  // its data clusters are zero
    BytesInMemory const image(small.bytes);
    auto disk = verify::GuestDisk::open(image);
    FileInMemory file;
    auto const writer = make_disk_writer(DiskFormat::raw, disk->size(), file);
    DiskExport work(*disk, **writer, file, 0);
    ASSERT_TRUE(run_to_the_end(work, &DiskExport::copy_step));
    EXPECT_EQ(file.written, 0U);
    EXPECT_EQ(work.done_bytes(), 2 * SmallImage::cluster);
}

TEST(DiskExport, ADiskThatEndsDuringTheCopyIsAnError) {
    SmallImage small;
    small.bytes.resize(SmallImage::data + SmallImage::cluster);
    BytesInMemory const image(small.bytes);
    auto disk = verify::GuestDisk::open(image);
    FileInMemory file;
    auto const writer = make_disk_writer(DiskFormat::raw, disk->size(), file);
    DiskExport work(*disk, **writer, file, 0);
    EXPECT_EQ(run_to_the_end(work, &DiskExport::copy_step).error().code, Errc::incomplete_backup);
}

TEST(DiskExport, ItsSpaceIsThatOfTheDataOrLessIfTheImageTakesLess) {
    verify::Qcow2Summary about;
    about.cluster_bytes = mib;
    about.data_clusters = 1000;
    about.virtual_bytes = 5000 * mib;
    auto const tables = space_needed(about, false, 0);
    EXPECT_EQ(space_needed(about, false, 2000 * mib), 1000 * mib + tables);
    EXPECT_EQ(space_needed(about, false, 10 * mib), 10 * mib + tables);
    EXPECT_EQ(space_needed(about, true, 10 * mib), 1000 * mib + tables) << "one cluster may be used a thousand times";
    about.compressed_clusters = 1;
    EXPECT_EQ(space_needed(about, false, 10 * mib), 1000 * mib + tables) << "what is compressed becomes larger";
    about.virtual_bytes = 999 * mib + 1;
    EXPECT_EQ(space_needed(about, false, 2000 * mib), 999 * mib + 1 + tables) << "its last cluster ends behind it";
}

}  // namespace
}  // namespace sb::ctl
