// Checks the images with qemu-img, which shares no code with them.
#include "simulator/transfer/definition_xml.hpp"
#include "simulator/transfer/guest_disk.hpp"
#include "simulator/transfer/qcow2_writer.hpp"
#include "simulator/transfer/raw_file.hpp"
#include "simulator/tests/transfer/transfer_fixture.hpp"
#include "tests/support/tools.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace sb::sim {
namespace {

constexpr std::uint64_t kib = 1024, mib = kib * kib, gib = kib * mib;

struct Image {
    char const* name;
    std::uint64_t capacity;
    double fill;
    std::vector<std::uint64_t> islands;  ///< offsets of single 4 KiB blocks, in addition to the fill
    bool compress = false;
    char const* compat = "";
};

void PrintTo(Image const& image, std::ostream* out) { *out << image.name; }

class Images : public testing::TestWithParam<Image> {
protected:
    void SetUp() override {
        SB_NEEDS_TOOLS("qemu-img", "qemu-io");
        raw = (dir / "guest.raw").string();
        ASSERT_TRUE(make_guest_disk(raw, {GetParam().capacity, GetParam().fill, 11}));
        auto disk = RawFile::open_for_change(raw);
        ASSERT_TRUE(disk);
        std::vector<std::byte> const block(4096, std::byte{0x5a});
        for (auto const offset : GetParam().islands) ASSERT_TRUE(disk->write(offset, block));
        spec = test::sample_export("smb://u:p@nas/share/backup", {{raw, GetParam().capacity}});
        spec.place.mapped_root = dir.str();
        spec.compress = GetParam().compress;
        spec.compat = GetParam().compat;
    }

    /// As QEMU counts: in sectors.
    static std::uint64_t virtual_size() { return (GetParam().capacity + 511) / 512 * 512; }

    test::TempDir dir;
    std::string raw;
    ExportSpec spec;
};

TEST_P(Images, AreValidEqualToTheGuestAndCanBeImported) {
    auto const exported = test::run_worker(spec);
    ASSERT_EQ(exported.exit_code, 0) << exported.reason();
    ASSERT_EQ(exported.done.size(), 1U);
    auto const image = (dir / "backup" / "disk-uuid-0.qcow2").string();
    EXPECT_EQ(exported.done[0].files[0].bytes, std::filesystem::file_size(image));
    EXPECT_EQ(exported.done[0].files[0].capacity, virtual_size());

    std::string output;
    EXPECT_EQ(test::run_program({"qemu-img", "check", "-f", "qcow2", image}, &output), 0) << output;
    EXPECT_EQ(test::run_program({"qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw, image}, &output), 0) << output;
    test::run_program({"qemu-img", "info", "--output=json", image}, &output);
    EXPECT_NE(output.find("\"virtual-size\": " + std::to_string(virtual_size())), std::string::npos) << output;
    EXPECT_NE(output.find("\"cluster-size\": 2097152"), std::string::npos) << output;
    std::string const compat = std::string("\"compat\": \"") + (spec.compat == "0.10" ? "0.10" : "1.1") + "\"";
    EXPECT_NE(output.find(compat), std::string::npos) << output;

    std::filesystem::create_directory(dir / "target");
    ImportSpec import{spec.place, (dir / "target").string(), 0, {}};
    auto const imported = test::run_worker(import);
    ASSERT_EQ(imported.exit_code, 0) << imported.reason();
    EXPECT_EQ(imported.done[0].files[0].capacity, virtual_size());
    EXPECT_EQ(imported.done[0].definition, spec.definition);
    auto const& back = imported.done[0].files[0].raw_file;
    EXPECT_EQ(test::run_program({"qemu-img", "compare", "-f", "raw", "-F", "raw", raw, back}, &output), 0) << output;
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Images,
    testing::Values(Image{"tiny", 512, 1.0, {}}, Image{"one_block", 4 * kib, 1.0, {}},
                    Image{"one_cluster_full", 2 * mib, 1.0, {}}, Image{"empty", 40 * mib, 0.0, {}},
                    Image{"full", 24 * mib, 1.0, {}}, Image{"ordinary", 100 * mib, 0.3, {}},
                    Image{"not_whole_clusters", 33 * mib + 5 * kib + 512, 0.5, {33 * mib}},
                    Image{"not_whole_sectors", 3 * mib + 1000, 1.0, {}}, Image{"less_than_a_sector", 100, 1.0, {}},
                    Image{"compressed_not_whole_sectors", 9 * mib - 1, 0.4, {}, true},
                    Image{"several_l2_tables", 1200 * gib, 0.0, {0, 511 * gib, 512 * gib - 4096, 1200 * gib - 4096}},
                    Image{"second_l2_table_only", 513 * gib, 0.0, {512 * gib}},
                    Image{"version_2", 50 * mib, 0.4, {}, false, "0.10"},
                    Image{"compressed", 60 * mib, 0.3, {59 * mib}, true},
                    Image{"compressed_full", 20 * mib, 1.0, {}, true},
                    Image{"compressed_islands", 400 * mib, 0.0, {0, 3 * mib, 5 * mib, 99 * mib, 399 * mib}, true},
                    Image{"compressed_version_2", 30 * mib, 0.3, {}, true, "0.10"}),
    [](auto const& one) { return one.param.name; });

TEST(ImageSize, ClustersOfZerosAreOmitted) {
    test::TempDir dir;
    auto const raw = (dir / "guest.raw").string();
    {
        auto disk = RawFile::create(raw, 64 * mib);
        ASSERT_TRUE(disk);
        std::vector<std::byte> const zeros(2 * mib);
        for (std::uint64_t at = 0; at < 64 * mib; at += zeros.size()) ASSERT_TRUE(disk->write(at, zeros));
        std::vector<std::byte> const block(512, std::byte{1});
        ASSERT_TRUE(disk->write(40 * mib, block));
    }
    auto spec = test::sample_export("smb://u:p@nas/share/backup", {{raw, 64 * mib}});
    spec.place.mapped_root = dir.str();
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    // header, refcount table and block, L1, L2, one data cluster
    EXPECT_EQ(std::filesystem::file_size(dir / "backup" / "disk-uuid-0.qcow2"), 12 * mib);
}

TEST(SizesOfImages, AreThoseOfQemu) {
    SB_NEEDS_TOOLS("qemu-img");
    test::TempDir dir;
    auto const image = (dir / "qemu.qcow2").string();
    for (std::uint64_t const capacity : {1ULL, 511ULL, 512ULL, 513ULL, 8100100100ULL}) {
        std::string output;
        auto const size = std::to_string(capacity);
        ASSERT_EQ(test::run_program({"qemu-img", "create", "-f", "qcow2", image, size}, &output), 0) << output;
        test::run_program({"qemu-img", "info", "--output=json", image}, &output);
        auto const expected = "\"virtual-size\": " + std::to_string(virtual_size_of(capacity)) + ",";
        EXPECT_NE(output.find(expected), std::string::npos) << output;
    }
}

/// Images of another program: every way of storing a cluster that an import may find.
class ForeignImages : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(ForeignImages, AreReadCorrectly) {
    SB_NEEDS_TOOLS("qemu-img", "qemu-io");
    test::TempDir dir;
    auto const raw = (dir / "guest.raw").string();
    ASSERT_TRUE(make_guest_disk(raw, {9 * mib + 512, 0.5, 5}));
    std::filesystem::create_directories(dir / "folder");
    std::filesystem::create_directories(dir / "target");
    auto const image = (dir / "folder" / "disk-uuid-0.qcow2").string();
    std::vector<std::string> command{"qemu-img", "convert", "-O", "qcow2"};
    command.insert(command.end(), GetParam().begin(), GetParam().end());
    command.insert(command.end(), {raw, image});
    std::string output;
    ASSERT_EQ(test::run_program(command, &output), 0) << output;
    // Zeros over data: zero clusters in version 3.
    ASSERT_EQ(test::run_program({"qemu-io", "-f", "qcow2", "-c", "write -z 1M 3M", image}, &output), 0) << output;
    std::ofstream(dir / "folder" / "vm.xml", std::ios::binary) << definition_xml(test::sample_vm(1));

    ImportSpec import{{"smb://nas/share/folder", dir.str(), "vm.xml"}, (dir / "target").string(), 0, {}};
    auto const run = test::run_worker(import);
    ASSERT_EQ(run.exit_code, 0) << run.reason();
    auto const& back = run.done[0].files[0].raw_file;
    EXPECT_EQ(test::run_program({"qemu-img", "compare", "-f", "qcow2", "-F", "raw", image, back}, &output), 0)
        << output;
}

INSTANTIATE_TEST_SUITE_P(Kinds, ForeignImages,
                         testing::Values(std::vector<std::string>{"-o", "cluster_size=512"},
                                         std::vector<std::string>{"-o", "cluster_size=4k,compat=0.10"},
                                         std::vector<std::string>{"-o", "cluster_size=64k"},
                                         std::vector<std::string>{"-o", "cluster_size=2M,refcount_bits=1"},
                                         std::vector<std::string>{"-c", "-o", "cluster_size=64k"},
                                         std::vector<std::string>{"-c", "-o", "cluster_size=2M,compat=0.10"},
                                         std::vector<std::string>{"-o", "preallocation=metadata"}));

}  // namespace
}  // namespace sb::sim
