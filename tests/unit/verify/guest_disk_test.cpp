// The disk that a guest sees, compared with what `qemu-img convert` makes of the same image, and images that are made
// to mislead a reader.
#include "daemon/verify/guest_disk.hpp"

#include "daemon/platform/folder.hpp"
#include "tests/unit/verify/image_builder.hpp"
#include "tests/unit/verify/image_mutation.hpp"
#include "tests/unit/verify/qemu_images.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace sb::verify {
namespace {

using sb::test::BytesInMemory;
using sb::test::SmallImage;
using testing::HasSubstr;

/// The whole disk, by extents: what they call zeros is not read.
Result<std::string> content_of(GuestDisk& disk) {
    std::string content(static_cast<std::size_t>(disk.size()), '\0');
    for (std::uint64_t at = 0; at < disk.size();) {
        auto const extent = disk.extent(at);
        if (!extent) return extent.error();
        if (extent->end <= at || extent->end > disk.size()) return Error{Errc::internal, "an extent without end"};
        auto const part = std::span(content).subspan(at, extent->end - at);
        if (extent->has_data)
            if (auto const done = disk.read(at, std::as_writable_bytes(part)); !done) return done.error();
        at = extent->end;
    }
    return content;
}

Result<std::string> content_of(platform::RandomAccess const& image) {
    auto disk = GuestDisk::open(image);
    if (!disk) return disk.error();
    return content_of(*disk);
}

class GuestDiskOracle : public test::QemuImages {
protected:
    void SetUp() override {
        QemuImages::SetUp();
        if (!IsSkipped()) folder_ = std::make_unique<platform::Folder>(platform::Folder::open(path(".")).value());
    }

    std::unique_ptr<platform::RandomAccess> open(std::string const& file) const {
        return std::move(folder_->open_file(file).value());
    }

    std::string as_qemu_reads(std::string const& file) const {
        EXPECT_EQ(run({"qemu-img", "convert", "-f", "qcow2", "-O", "raw", path(file)}, "read"), 0) << file;
        return bytes_of("read");
    }

    void expect_same(std::string const& file) const {
        auto const image = open(file);
        auto const ours = content_of(*image);
        ASSERT_TRUE(ours) << file << ": " << ours.error().context;
        EXPECT_TRUE(*ours == as_qemu_reads(file)) << file;
    }

private:
    std::unique_ptr<platform::Folder> folder_;
};

TEST_F(GuestDiskOracle, ReadsEveryKindOfImageAsQemuDoes) {
    for (auto const& image : make_one_of_each_kind()) {
        // Larger ones have the same kinds of tables, and need no gigabytes to compare.
        if (auto const about = ours(image); about && about->virtual_bytes <= 64 << 20) expect_same(image);
    }
}

TEST_F(GuestDiskOracle, ReadsRandomImagesAsQemuDoes) {
    std::mt19937_64 random(20261130);
    for (int i = 0; i < 25; ++i) {
        bool const subclusters = random() % 3 == 0;
        auto const bits = subclusters ? 14 + random() % 4 : 9 + random() % 9;
        auto options = "cluster_size=" + std::to_string(std::uint64_t{1} << bits);
        if (subclusters) options += ",extended_l2=on";
        auto const size = (random() % 16384 + 8) * 512;
        ASSERT_EQ(run({"qemu-img", "create", "-f", "qcow2", "-o", options, path("random"), std::to_string(size)}), 0);
        std::vector<std::string> arguments{"qemu-io", "-f", "qcow2"};
        for (int written = 0; written < 20; ++written) {
            static constexpr std::array kinds{"write -P 7", "write -P 9", "write -z", "write -z -u", "discard"};
            auto const begin = random() % size / 512 * 512;
            auto const length = std::min<std::uint64_t>(size - begin, (random() % 200 + 1) * 512);
            arguments.insert(arguments.end(), {"-c", kinds[random() % kinds.size()] + (" " + std::to_string(begin)) +
                                                         " " + std::to_string(length)});
        }
        run(arguments, "random");
        expect_same("random");
        std::filesystem::remove(path("random"));
    }
}

TEST_F(GuestDiskOracle, OfADamagedImageItGivesAnErrorOrWhatQemuReads) {
    std::mt19937_64 random(20261201);
    int read = 0;
    for (auto const& image : make_one_of_each_kind()) {
        auto const whole = bytes_of(image);
        for (int i = 0; i < 6; ++i) {
            auto bytes = whole;
            auto const what = image + ": " + test::mutate(bytes, random);
            write("mutant", bytes);
            auto const mutant = open("mutant");
            auto disk = GuestDisk::open(*mutant);
            if (!disk || disk->size() > 64 << 20) continue;
            auto content = content_of(*disk);
            // What the check refuses may be read as anything, but never from outside of the file.
            if (!content || !ours("mutant")) continue;
            ++read;
            auto const theirs = as_qemu_reads("mutant");
            // qemu-img convert leaves out a part of a sector at the end.
            EXPECT_EQ(theirs.size() / 512, content->size() / 512) << what;
            content->resize(theirs.size());
            EXPECT_TRUE(*content == theirs) << what;
        }
    }
    EXPECT_GT(read, 20);
}

TEST_F(GuestDiskOracle, AnyPartCanBeReadAlone) {
    std::mt19937_64 random(7);
    make_raw("a.raw", 3 << 20, 3);
    for (auto const& kind : {std::vector<std::string>{"-c"}, {"-o", "extended_l2=on,cluster_size=64k"}, {}}) {
        std::vector<std::string> arguments{"qemu-img", "convert", "-f", "raw", "-O", "qcow2"};
        arguments.insert(arguments.end(), kind.begin(), kind.end());
        arguments.push_back(path("a.raw"));
        ASSERT_EQ(run(arguments, "image"), 0);
        auto const raw = bytes_of("a.raw");
        auto const image = open("image");
        auto disk = GuestDisk::open(*image);
        ASSERT_TRUE(disk);
        for (int i = 0; i < 300; ++i) {
            auto const begin = random() % raw.size();
            std::string part(std::min<std::size_t>(raw.size() - begin, random() % 200000), '?');
            ASSERT_TRUE(disk->read(begin, std::as_writable_bytes(std::span(part))));
            ASSERT_TRUE(part == raw.substr(begin, part.size())) << begin;
        }
        std::string beyond(2, ' ');
        EXPECT_EQ(disk->read(raw.size() - 1, std::as_writable_bytes(std::span(beyond))).error().code, Errc::internal);
    }
}

TEST_F(GuestDiskOracle, DataThatZstdCompressedIsRefused) {
    make_raw("a.raw", 1 << 20, 4);
    if (run({"qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "compression_type=zstd", path("a.raw")},
            "zstd") != 0)
        GTEST_SKIP() << "this qemu-img has no zstd";
    auto const image = open("zstd");
    auto const content = content_of(*image);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, Errc::refused);
    EXPECT_THAT(content.error().context, HasSubstr("zstd"));
}

TEST_F(GuestDiskOracle, AnImageThatNeedsAnotherFileIsRefused) {
    write("secret", std::string(1 << 20, 's'));
    ASSERT_EQ(run({"qemu-img", "create", "-f", "qcow2", "-F", "raw", "-b", path("secret")}, "overlay"), 0);
    ASSERT_EQ(run({"qemu-img", "create", "-f", "qcow2", "-o", "data_file=" + path("outside") + ",data_file_raw=on",
                   path("external"), "1M"}),
              0);
    for (auto const* name : {"overlay", "external"}) {
        auto const image = open(name);
        EXPECT_EQ(GuestDisk::open(*image).error().code, Errc::incomplete_backup) << name;
    }
}

// ---- hostile images -----------------------------------------------------------------------------------------

Result<std::string> content_after(std::uint64_t offset, std::uint64_t value, std::size_t width) {
    SmallImage image;
    image.put(offset, value, width);
    return content_of(BytesInMemory(image.bytes));
}

TEST(GuestDisk, TablesThatPointOutsideOfTheFileAreAnError) {
    EXPECT_EQ(content_after(SmallImage::l1, std::uint64_t{1} << 40, 8).error().code, Errc::incomplete_backup);
    EXPECT_EQ(content_after(SmallImage::l1, SmallImage::l2 + 512, 8).error().code, Errc::damaged_backup);
    EXPECT_EQ(content_after(SmallImage::l2, std::uint64_t{1} << 40, 8).error().code, Errc::incomplete_backup);
    EXPECT_EQ(content_after(SmallImage::l2, SmallImage::data + 512, 8).error().code, Errc::damaged_backup);
    EXPECT_EQ(content_after(40, std::uint64_t{1} << 40, 8).error().code, Errc::incomplete_backup);
}

TEST(GuestDisk, CompressedDataThatIsNoneIsAnError) {
    auto const compressed = std::uint64_t{1} << 62;
    EXPECT_EQ(content_after(SmallImage::l2, compressed | SmallImage::data, 8).error().code, Errc::damaged_backup);
    EXPECT_EQ(content_after(SmallImage::l2, compressed | (std::uint64_t{1} << 40), 8).error().code,
              Errc::incomplete_backup);
    EXPECT_THAT(content_after(SmallImage::l2 + 8, compressed | SmallImage::data, 8).error().context,
                HasSubstr("the data at byte 65536 of the disk"));
}

TEST(GuestDisk, ASizeThatItsTableDoesNotCoverIsAnError) {
    EXPECT_EQ(content_of(BytesInMemory(SmallImage(std::uint64_t{1} << 40).bytes)).error().code, Errc::damaged_backup);
}

TEST(GuestDisk, ADiskOfAbsurdSizeWithoutDataIsReadInAFewSteps) {
    // 2 PiB, in 4 Mi entries of 512 MiB each, of which none has a table.
    SmallImage small(std::uint64_t{1} << 51);
    auto const entries = std::uint64_t{1} << 22;
    small.put(36, entries, 4);
    small.put(40, 16 * SmallImage::cluster, 8);
    small.bytes.resize(16 * SmallImage::cluster + entries * 8);
    BytesInMemory const image(small.bytes);
    auto disk = GuestDisk::open(image);
    ASSERT_TRUE(disk) << disk.error().context;
    auto const extent = disk->extent(0);
    ASSERT_TRUE(extent);
    EXPECT_EQ(extent->end, disk->size());
    EXPECT_FALSE(extent->has_data);
}

TEST(GuestDisk, TheLastClusterMayEndWithTheDiskInTheMiddleOfASector) {
    SmallImage image(SmallImage::cluster + 1001);
    for (std::size_t i = 0; i < 2 * SmallImage::cluster; ++i) image.bytes[SmallImage::data + i] = std::byte{'x'};
    image.bytes.resize(SmallImage::data + SmallImage::cluster + 1001);
    auto const content = content_of(BytesInMemory(image.bytes));
    ASSERT_TRUE(content) << content.error().context;
    EXPECT_TRUE(*content == std::string(SmallImage::cluster + 1001, 'x'));
}

}  // namespace
}  // namespace sb::verify
