// Corrupts a finished backup: verification of the content must find every single flipped byte, and verification of the
// structure must find damaged metadata. More mutants: SB_MUTANTS=100000.
#include "daemon/catalog/changes.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/verification_record.hpp"
#include "daemon/verify/content_verification.hpp"
#include "daemon/verify/inspect.hpp"
#include "tests/support/tools.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

namespace sb::catalog {
namespace {

namespace fs = std::filesystem;

constexpr char const* disk = "4ad0f0d2-0c63-4f3e-b5a4-2f8a4e0c9a11";
constexpr std::uint64_t cluster = 65'536;

int run(std::string const& command) {
    int const status = std::system((command + " >/dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

class Mutants : public testing::Test {
protected:
    void SetUp() override {
        SB_NEEDS_TOOLS("qemu-img", "qemu-io");
        // Each verification flushes its digests to disk; on a file system in memory that takes no time.
        auto const parent = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
        std::string pattern = (parent / "sb-mutants-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        share_ = pattern;
        make_backup();
    }
    void TearDown() override {
        if (!share_.empty()) fs::remove_all(share_);
    }

    void make_backup() {
        fs::create_directory(folder());
        std::ofstream(folder() / "b.xml")
            << "<domain><name>FILE01</name><devices><disk device='disk'><source name='scribe/" << disk
            << "'/></disk></devices></domain>" << std::string(64, '\0');
        std::ofstream(folder() / "nvram.bin", std::ios::binary) << std::string(5000, 'n');
        auto const image = (folder() / (std::string(disk) + ".qcow2")).string();
        ASSERT_EQ(run("qemu-img create -f qcow2 '" + image + "' 64M"), 0);
        ASSERT_EQ(
            run("qemu-io -c 'write -P 65 0 1500k' -c 'write -P 66 20M 700k' -c 'write -P 67 63M 1M' '" + image + "'"),
            0);
        core::Manifest manifest;
        manifest.backup = "b";
        manifest.vm_uuid = VmUuid("6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10");
        manifest.vm_name = "FILE01";
        manifest.definition_file = "b.xml";
        manifest.disks = {
            {.uuid = DiskUuid(disk), .type = "VIRTIO_DISK", .capacity_bytes = 64u << 20, .allocation_bytes = 4u << 20},
            {.type = "NVRAM"}};
        manifest.started = manifest.completed = UtcTime(std::chrono::seconds(1763874000));
        auto const files = verify::inspect_folder(*root().subfolder("b"), {"b", "b.xml", manifest.disks});
        ASSERT_TRUE(files) << files.error().context;
        manifest.files = *files;
        ASSERT_TRUE(write_manifest(root(), "b", manifest));
        ASSERT_TRUE(verify_backup());
    }

    /// Like a verify job: structure, content, and a record in the manifest. Returns its warning, if any.
    Result<std::string> verify_backup() {
        auto const manifest = check_backup(root(), "b", core::Level::content);
        if (!manifest) return manifest.error();
        std::vector<verify::FileToVerify> files;
        for (auto const& file : manifest->files)
            files.push_back({file.name, file.size_bytes, verify::digest_from_hex(file.content)});
        auto verification =
            verify::ContentVerification::begin(*root().subfolder("b"), files, UtcTime(std::chrono::seconds(++clock_)));
        if (!verification) return verification.error();
        while (!(*verification)->done())
            if (auto read = (*verification)->advance(64u << 20, 1); !read) return read.error();
        auto const roots = (*verification)->finish();
        if (!roots) return roots.error();
        auto const notes = (*verification)->notes();
        if (!content_verified_) {
            auto const noted = record_verification(root(), "b", core::Level::content,
                                                   UtcTime(std::chrono::seconds(clock_)), *roots, lock_);
            if (!noted) return noted.error();
        }
        content_verified_ = true;
        return notes.empty() ? std::string() : notes.front();
    }

    platform::Folder root() const { return std::move(*platform::Folder::open(share_)); }
    fs::path folder() const { return share_ / "b"; }
    static std::string bytes_of(fs::path const& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void overwrite(fs::path const& file, std::uint64_t at, std::string const& bytes) {
        std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(at));
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    static char byte_at(fs::path const& file, std::uint64_t at) {
        std::ifstream in(file, std::ios::binary);
        in.seekg(static_cast<std::streamoff>(at));
        char byte = 0;
        in.get(byte);
        return byte;
    }
    static std::size_t mutants(std::size_t otherwise) {
        char const* const wanted = std::getenv("SB_MUTANTS");
        return wanted ? std::stoul(wanted) : otherwise;
    }

    fs::path share_;
    std::mutex lock_;
    long long clock_ = 1'763'900'000;
    bool content_verified_ = false;
};

TEST_F(Mutants, EverySingleFlippedByteIsFoundByContent) {
    std::vector<fs::path> files;
    for (auto const& entry : fs::directory_iterator(folder())) files.push_back(entry.path());
    std::ranges::sort(files);
    ASSERT_EQ(files.size(), 5U) << "definition, disk, NVRAM, manifest, digests";
    std::mt19937_64 random(20261126);
    auto const count = mutants(2000);
    std::size_t found = 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto const& file = files[i % files.size()];
        auto const at = random() % fs::file_size(file);
        auto const flipped = static_cast<unsigned char>(1 + random() % 255);
        char const before = byte_at(file, at);
        overwrite(file, at, std::string(1, static_cast<char>(before ^ flipped)));
        auto const digests = bytes_of(folder() / verify::digests_file_name);
        auto const outcome = verify_backup();
        // For the digest file it is a warning, and the file is written again: the backup itself is intact.
        bool const noticed = !outcome || !outcome->empty();
        EXPECT_TRUE(noticed) << file << " byte " << at << " ^ " << static_cast<unsigned>(flipped);
        EXPECT_EQ(!outcome, file.filename() != verify::digests_file_name) << file << " byte " << at;
        if (!outcome)
            EXPECT_EQ(outcome.error().code, Errc::damaged_backup)
                << file << " byte " << at << ": " << outcome.error().context;
        found += noticed ? 1U : 0U;
        if (file.filename() != verify::digests_file_name) overwrite(file, at, std::string(1, before));
    }
    EXPECT_TRUE(verify_backup()) << "all changes were undone";
    std::cout << "  content: " << found << " of " << count << " single flipped bytes found, in all files of a backup\n";
    EXPECT_EQ(found, count);
}

TEST_F(Mutants, TruncationsAreFoundByStructure) {
    auto const image = folder() / (std::string(disk) + ".qcow2");
    auto const whole = bytes_of(image);
    std::mt19937_64 random(7);
    std::size_t found = 0;
    auto const count = mutants(400);
    for (std::size_t i = 0; i < count; ++i) {
        fs::resize_file(image, i < 3 ? whole.size() - 1 - i : random() % whole.size());
        auto const outcome = check_backup(root(), "b", core::Level::structure);
        ASSERT_FALSE(outcome) << fs::file_size(image);
        EXPECT_EQ(outcome.error().code, Errc::damaged_backup) << outcome.error().context;
        found += outcome ? 0U : 1U;
        std::ofstream(image, std::ios::binary | std::ios::trunc) << whole;
    }
    EXPECT_TRUE(check_backup(root(), "b", core::Level::structure));
    std::cout << "  structure: " << found << " of " << count << " truncations found\n";
}

/// Header, refcount table, refcount block, L1 table, L2 table: the clusters that QEMU writes first into a new image.
constexpr std::uint64_t clusters_of_tables = 5;

TEST_F(Mutants, ZeroedTablesAreFoundByStructureAlthoughEveryReaderSeesAnEmptyDisk) {
    auto const image = folder() / (std::string(disk) + ".qcow2");
    auto const whole = bytes_of(image);
    std::size_t found = 0;
    for (std::uint64_t at = 0; at < clusters_of_tables * cluster; at += cluster) {
        auto const before = whole.substr(at, cluster);
        ASSERT_NE(before, std::string(cluster, '\0')) << "no table at cluster " << at / cluster;
        overwrite(image, at, std::string(cluster, '\0'));
        auto const outcome = check_backup(root(), "b", core::Level::structure);
        ASSERT_FALSE(outcome) << "cluster " << at / cluster;
        EXPECT_EQ(outcome.error().code, Errc::damaged_backup)
            << "an unrecorded damage would be restored: " << outcome.error().context;
        found += outcome ? 0U : 1U;
        overwrite(image, at, before);
    }
    EXPECT_TRUE(check_backup(root(), "b", core::Level::structure));
    std::cout << "  structure: " << found << " of " << clusters_of_tables << " zeroed tables found\n";
}

/// Only the bytes that matter: the L1 table of a 64 MiB disk has one entry; there is nothing after it or after the last
/// field of the header.
std::uint64_t place_in_a_table(std::mt19937_64& random) {
    constexpr std::uint64_t l1 = 3;
    auto const table = 1 + random() % (clusters_of_tables - 1);
    return table * cluster + random() % (table == l1 ? 8 : cluster);
}

TEST_F(Mutants, FlippedBytesOfTablesAndDefinitionAreFoundByStructure) {
    auto const image = folder() / (std::string(disk) + ".qcow2");
    std::mt19937_64 random(20261127);
    auto const count = mutants(500);
    std::size_t found = 0;
    for (std::size_t i = 0; i < count; ++i) {
        bool const of_definition = i % 4 == 0;
        auto const file = of_definition ? folder() / "b.xml" : image;
        auto const at = of_definition ? random() % fs::file_size(file) : place_in_a_table(random);
        char const before = byte_at(file, at);
        overwrite(file, at, std::string(1, static_cast<char>(before ^ static_cast<char>(1 + random() % 255))));
        auto const outcome = check_backup(root(), "b", core::Level::structure);
        ASSERT_FALSE(outcome) << file << " byte " << at;
        EXPECT_EQ(outcome.error().code, Errc::damaged_backup)
            << file << " byte " << at << ": " << outcome.error().context;
        found += outcome ? 0U : 1U;
        overwrite(file, at, std::string(1, before));
    }
    EXPECT_TRUE(check_backup(root(), "b", core::Level::structure));
    std::cout << "  structure: " << found << " of " << count << " flipped bytes of tables and definition found\n";
    EXPECT_EQ(found, count);
}

}  // namespace
}  // namespace sb::catalog
