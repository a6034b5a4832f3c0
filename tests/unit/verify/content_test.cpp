// The digests of a backup's content, compared with Python's hashlib and tested against every kind of damage.
#include "tests/unit/verify/content_fixture.hpp"

#include "daemon/verify/hash_chunks.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <iostream>

namespace sb::verify {
namespace {

class Content : public ContentFixture {
protected:
    /// A definition, an image with holes and zeros, one that ends with a chunk, one byte, nothing, and an odd name.
    void make_files() {
        names_ = {"vm.xml", "disk.qcow2", "even.qcow2", "one", "empty", "100% \n odd.nvram"};
        write("vm.xml", "<domain/>");
        write("disk.qcow2", noise(3u << 20));
        write_at("disk.qcow2", 17u << 20, std::string(2u << 20, '\0'));
        write_at("disk.qcow2", (40u << 20) + 12345, noise(100'000, 2));
        fs::resize_file(dir_ / "disk.qcow2", (61u << 20) + 7);
        write("even.qcow2", noise(4u << 20, 3));
        write("one", "x");
        write("empty", "");
        write("100% \n odd.nvram", noise(600, 4));
    }
    int oracle() const {
        int const status =
            std::system(("python3 '" SB_DIGESTS_ORACLE "' '" + dir_.string() + "' >/dev/null 2>&1").c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    }
};

TEST_F(Content, DigestsMatchHashlib) {
    make_files();
    auto const verified = verify_files(files_with());
    ASSERT_TRUE(verified) << verified.error().context;
    EXPECT_EQ(verified->size(), names_.size());
    EXPECT_EQ(oracle(), 0);
    flip("disk.qcow2", 41u << 20, 3);
    EXPECT_EQ(oracle(), 1) << "the oracle itself finds damage";
}

TEST_F(Content, HolesAndStoredZerosAndThreadsMakeNoDifference) {
    names_ = {"disk"};
    write("disk", noise(1u << 20));
    fs::resize_file(dir_ / "disk", 14u << 20);
    auto const sparse = verify_files(files_with());
    ASSERT_TRUE(sparse) << sparse.error().context;
    auto const digests = bytes_of(digests_file_name);
    write("disk", bytes_of("disk"));  // every zero is stored
    for (unsigned threads : {1u, 3u}) {
        auto const full = verify_files(files_with(), threads);
        ASSERT_TRUE(full);
        EXPECT_EQ(*full, *sparse);
        EXPECT_EQ(bytes_of(digests_file_name), digests);
    }
}

TEST_F(Content, AHoleIsNotRead) {
    names_ = {"disk"};
    write("disk", "begin");
    fs::resize_file(dir_ / "disk", std::uint64_t{200} << 30);
    auto const folder = platform::Folder::open(dir_);
    auto const file = folder->open_file("disk");
    ASSERT_TRUE(file);
    auto const data = (*file)->next_data(1u << 20);
    if (!data || data->begin < (*file)->size()) GTEST_SKIP() << "this file system keeps no holes";
    auto const hashed = hash_chunks(**file, 0, 1u << 30, 1);
    ASSERT_TRUE(hashed);
    EXPECT_LE(hashed->read_bytes, 2u << 20);
    EXPECT_GT(hashed->digests.size(), 1000U);
}

TEST_F(Content, ASecondVerificationFindsTheSame) {
    make_files();
    auto const first = verify_files(files_with());
    ASSERT_TRUE(first);
    auto const before = bytes_of(digests_file_name);
    started_ += 24h;
    auto verification = begin(files_with(*first));
    ASSERT_TRUE(verification);
    EXPECT_TRUE((*verification)->compares());
    auto const again = verify_files(files_with(*first));
    ASSERT_TRUE(again) << again.error().context;
    EXPECT_EQ(*again, *first);
    EXPECT_EQ(bytes_of(digests_file_name), before);
    EXPECT_FALSE(fs::exists(dir_ / unfinished_digests_name));
}

TEST_F(Content, EverySingleFlippedBitOfSmallFilesIsFound) {
    names_ = {"vm.xml", "tiny.qcow2"};
    write("vm.xml", noise(150));
    write("tiny.qcow2", noise(300, 5));
    auto const verified = verify_files(files_with());
    ASSERT_TRUE(verified);
    for (auto const& name : names_)
        for (std::uint64_t at = 0; at < fs::file_size(dir_ / name); ++at) {
            flip(name, at, static_cast<unsigned>(at % 8));
            auto const found = verify_files(files_with(*verified));
            ASSERT_FALSE(found) << name << " at " << at;
            EXPECT_EQ(found.error().code, Errc::damaged_backup);
            flip(name, at, static_cast<unsigned>(at % 8));
        }
    EXPECT_TRUE(verify_files(files_with(*verified)));
}

TEST_F(Content, DamageIsReportedWithFileAndOffset) {
    make_files();
    auto const verified = verify_files(files_with());
    ASSERT_TRUE(verified);
    flip("disk.qcow2", (30u << 20) + 5, 1);  // in a hole: a reader of data ranges alone would not see it
    auto const found = verify_files(files_with(*verified));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::damaged_backup);
    EXPECT_NE(found.error().context.find("'disk.qcow2'"), std::string::npos);
    EXPECT_NE(found.error().context.find("2 MiB at offset 30 MiB"), std::string::npos) << found.error().context;
}

TEST_F(Content, TruncatedGrownMissingAndLinkedFilesAreFound) {
    make_files();
    auto const verified = verify_files(files_with());
    ASSERT_TRUE(verified);
    auto const wanted = files_with(*verified);
    fs::resize_file(dir_ / "even.qcow2", (4u << 20) - 1);
    EXPECT_EQ(verify_files(wanted).error().code, Errc::damaged_backup);
    fs::resize_file(dir_ / "even.qcow2", (4u << 20) + 1);
    EXPECT_EQ(verify_files(wanted).error().code, Errc::damaged_backup);
    fs::remove(dir_ / "even.qcow2");
    EXPECT_EQ(verify_files(wanted).error().code, Errc::incomplete_backup);
    fs::create_symlink("disk.qcow2", dir_ / "even.qcow2");
    EXPECT_EQ(verify_files(wanted).error().code, Errc::damaged_backup);
}

TEST_F(Content, ADamagedDigestFileIsReplacedAndTheBackupStaysVerified) {
    make_files();
    auto const verified = verify_files(files_with());
    ASSERT_TRUE(verified);
    auto const good = bytes_of(digests_file_name);
    for (std::uint64_t at = 0; at < good.size(); at += 5) {
        write(digests_file_name, good);
        flip(digests_file_name, at, static_cast<unsigned>(at % 7));
        auto const folder = platform::Folder::open(dir_);
        auto const file = folder->open_file(digests_file_name);
        ASSERT_TRUE(file);
        EXPECT_FALSE(read_digests(**file)) << "byte " << at;
    }
    auto verification = begin(files_with(*verified));
    ASSERT_TRUE(verification);
    ASSERT_EQ((*verification)->notes().size(), 1U);
    EXPECT_NE((*verification)->notes()[0].find(digests_file_name), std::string::npos);
    while (!(*verification)->done()) ASSERT_TRUE((*verification)->advance(64u << 20, 1));
    ASSERT_TRUE((*verification)->finish());
    EXPECT_EQ(oracle(), 0);
    // Without the digest file, damage to the content is still found, by the roots in the manifest.
    fs::remove(dir_ / digests_file_name);
    flip("disk.qcow2", 1234, 0);
    EXPECT_EQ(verify_files(files_with(*verified)).error().code, Errc::damaged_backup);
}

TEST_F(Content, AnInterruptedVerificationContinuesAtItsCheckpoint) {
    names_ = {"vm.xml", "disk.qcow2", "other"};
    write("vm.xml", "<domain/>");
    write("disk.qcow2", noise(20u << 20));
    write("other", noise(10u << 20, 2));
    std::uint64_t saved = 0;
    {
        auto verification = begin(files_with());
        ASSERT_TRUE(verification);
        while ((*verification)->position() < (9u << 20)) ASSERT_TRUE((*verification)->advance(1u << 20, 1));
        ASSERT_TRUE((*verification)->save_progress());
        saved = (*verification)->position();
        ASSERT_TRUE((*verification)->advance(3u << 20, 1));  // lost with the process
    }
    std::ofstream(dir_ / unfinished_digests_name, std::ios::app) << "0123456789abcdef";  // and an incomplete line
    auto verification = begin(files_with());
    ASSERT_TRUE(verification);
    EXPECT_EQ((*verification)->position(), saved);
    while (!(*verification)->done()) ASSERT_TRUE((*verification)->advance(4u << 20, 1));
    ASSERT_TRUE((*verification)->finish());
    EXPECT_EQ(oracle(), 0);
}

TEST_F(Content, TheProgressOfAnotherVerificationIsNotUsed) {
    names_ = {"disk"};
    write("disk", noise(8u << 20));
    {
        auto verification = begin(files_with());
        ASSERT_TRUE((*verification)->advance(4u << 20, 1));
        ASSERT_TRUE((*verification)->save_progress());
    }
    started_ += 1h;
    auto verification = begin(files_with());
    ASSERT_TRUE(verification);
    EXPECT_EQ((*verification)->position(), 0U) << "an old reading says nothing about the current content";
}

/// With a hard link, anyone who can write into the share could let the daemon write into any of its files.
TEST_F(Content, ProgressInAFileWithAnotherNameIsNotContinued) {
    names_ = {"disk"};
    write("disk", noise(8u << 20));
    {
        auto verification = begin(files_with());
        ASSERT_TRUE((*verification)->advance(4u << 20, 1));
        ASSERT_TRUE((*verification)->save_progress());
    }
    fs::create_hard_link(dir_ / unfinished_digests_name, dir_ / "other name");
    auto const before = bytes_of("other name");
    auto verification = begin(files_with());
    ASSERT_TRUE(verification) << verification.error().context;
    EXPECT_EQ((*verification)->position(), 0U);
    while (!(*verification)->done()) ASSERT_TRUE((*verification)->advance(4u << 20, 1));
    ASSERT_TRUE((*verification)->finish());
    EXPECT_EQ(bytes_of("other name"), before);
    EXPECT_EQ(oracle(), 0);
}

TEST_F(Content, AComparisonContinuesToo) {
    names_ = {"a", "disk"};
    write("a", noise(3u << 20));
    write("disk", noise(12u << 20, 7));
    auto const verified = verify_files(files_with());
    ASSERT_TRUE(verified);
    started_ += 24h;
    {
        auto verification = begin(files_with(*verified));
        while ((*verification)->position() < (9u << 20)) ASSERT_TRUE((*verification)->advance(1u << 20, 1));
        ASSERT_TRUE((*verification)->save_progress());
    }
    auto verification = begin(files_with(*verified));
    ASSERT_TRUE(verification);
    EXPECT_GE((*verification)->position(), 9u << 20);
    while (!(*verification)->done()) ASSERT_TRUE((*verification)->advance(4u << 20, 1));
    EXPECT_TRUE((*verification)->finish());
}

/// Earlier versions listed every file of the folder.
TEST_F(Content, DigestsOfFilesThatAreNotPartOfTheBackupArePassedOver) {
    names_ = {"Thumbs.db", "disk.qcow2", "notes.txt", "vm.xml", "zzz"};
    write("Thumbs.db", noise(5u << 20));
    write("disk.qcow2", noise(9u << 20, 2));
    write("notes.txt", noise(3u << 20, 3));
    write("vm.xml", "<domain/>");
    write("zzz", "x");
    auto roots = verify_files(files_with());
    ASSERT_TRUE(roots);
    std::erase_if(*roots, [](auto const& file) { return file.name != "disk.qcow2" && file.name != "vm.xml"; });
    names_ = {"disk.qcow2", "vm.xml"};
    write("Thumbs.db", "changed");
    fs::remove(dir_ / "notes.txt");

    started_ += 24h;
    {
        auto verification = begin(files_with(*roots));
        ASSERT_TRUE(verification);
        EXPECT_TRUE((*verification)->compares());
        EXPECT_TRUE((*verification)->notes().empty()) << (*verification)->notes()[0];
        while ((*verification)->position() < (4u << 20)) ASSERT_TRUE((*verification)->advance(1u << 20, 1));
        ASSERT_TRUE((*verification)->save_progress());
    }
    auto const again = verify_files(files_with(*roots));
    ASSERT_TRUE(again) << again.error().context;
    EXPECT_EQ(*again, *roots);
    started_ += 24h;
    flip("disk.qcow2", 7u << 20, 3);
    auto const found = verify_files(files_with(*roots));
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().context.find("2 MiB at offset 6 MiB"), std::string::npos) << found.error().context;
}

TEST_F(Content, HostileDigestsNeitherHangNorCrash) {
    names_ = {"disk"};
    write("disk", noise(3u << 20));
    auto const verified = verify_files(files_with());
    ASSERT_TRUE(verified);
    std::string const head = "scale-backup digests 1\nbegun 2026-03-01T22:00:00Z\nchunk 2097152\n";
    for (std::string const& body :
         {std::string("file 18446744073709551615 x\nzero 8796093022207\n"), std::string("zero 1\n"),
          std::string("file 5 %\n"), std::string("file 5 \n"), std::string(10'000, 'a'), std::string("root x\n"),
          std::string("file 5 x\nzero 0\n"), std::string("file 5 x\nzero 2\n"), std::string("end \n"),
          std::string("\n\n")}) {
        write(digests_file_name, head + body);
        auto const again = verify_files(files_with(*verified));
        EXPECT_TRUE(again) << body.substr(0, 40) << ": " << again.error().context;
    }
}

/// A file that cannot be read from some byte on.
class Failing : public platform::RandomAccess {
public:
    std::uint64_t size() const override { return 8u << 20; }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset + into.size() > (5u << 20)) return Error{Errc::io, "Input/output error"};
        return {};
    }
};

TEST_F(Content, AReadErrorStaysAReadError) {
    Failing const file;
    for (unsigned threads : {1u, 2u}) {
        auto const hashed = hash_chunks(file, 0, 8u << 20, threads);
        ASSERT_FALSE(hashed);
        EXPECT_EQ(hashed.error().code, Errc::io);
    }
}

}  // namespace
}  // namespace sb::verify
