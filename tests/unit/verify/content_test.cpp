// The digests of a backup's content, against Python's hashlib and against every kind of harm.
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

TEST_F(Content, DigestsAreWhatHashlibSays) {
    make_files();
    auto const proven = prove(files_with());
    ASSERT_TRUE(proven) << proven.error().context;
    EXPECT_EQ(proven->size(), names_.size());
    EXPECT_EQ(oracle(), 0);
    flip("disk.qcow2", 41u << 20, 3);
    EXPECT_EQ(oracle(), 1) << "the oracle itself finds harm";
}

TEST_F(Content, HolesAndStoredZerosAndThreadsMakeNoDifference) {
    names_ = {"disk"};
    write("disk", noise(1u << 20));
    fs::resize_file(dir_ / "disk", 14u << 20);
    auto const sparse = prove(files_with());
    ASSERT_TRUE(sparse) << sparse.error().context;
    auto const digests = bytes_of(digests_file_name);
    write("disk", bytes_of("disk"));  // every zero is written out
    for (unsigned threads : {1u, 3u}) {
        auto const full = prove(files_with(), threads);
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

TEST_F(Content, AnotherReadingFindsTheSame) {
    make_files();
    auto const first = prove(files_with());
    ASSERT_TRUE(first);
    auto const before = bytes_of(digests_file_name);
    begun_ += 24h;
    auto proof = begin(files_with(*first));
    ASSERT_TRUE(proof);
    EXPECT_TRUE((*proof)->compares());
    auto const again = prove(files_with(*first));
    ASSERT_TRUE(again) << again.error().context;
    EXPECT_EQ(*again, *first);
    EXPECT_EQ(bytes_of(digests_file_name), before);
    EXPECT_FALSE(fs::exists(dir_ / unfinished_digests_name));
}

TEST_F(Content, EverySingleFlippedBitOfSmallFilesIsFound) {
    names_ = {"vm.xml", "tiny.qcow2"};
    write("vm.xml", noise(150));
    write("tiny.qcow2", noise(300, 5));
    auto const proven = prove(files_with());
    ASSERT_TRUE(proven);
    for (auto const& name : names_)
        for (std::uint64_t at = 0; at < fs::file_size(dir_ / name); ++at) {
            flip(name, at, static_cast<unsigned>(at % 8));
            auto const found = prove(files_with(*proven));
            ASSERT_FALSE(found) << name << " at " << at;
            EXPECT_EQ(found.error().code, Errc::damaged_backup);
            flip(name, at, static_cast<unsigned>(at % 8));
        }
    EXPECT_TRUE(prove(files_with(*proven)));
}

TEST_F(Content, DamageIsToldWithFileAndPlace) {
    make_files();
    auto const proven = prove(files_with());
    ASSERT_TRUE(proven);
    flip("disk.qcow2", (30u << 20) + 5, 1);  // in a hole: nothing that a reader of data alone would see
    auto const found = prove(files_with(*proven));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::damaged_backup);
    EXPECT_NE(found.error().context.find("'disk.qcow2'"), std::string::npos);
    EXPECT_NE(found.error().context.find("from " + std::to_string(30u << 20)), std::string::npos)
        << found.error().context;
}

TEST_F(Content, TruncatedGrownMissingAndLinkedFilesAreFound) {
    make_files();
    auto const proven = prove(files_with());
    ASSERT_TRUE(proven);
    auto const wanted = files_with(*proven);
    fs::resize_file(dir_ / "even.qcow2", (4u << 20) - 1);
    EXPECT_EQ(prove(wanted).error().code, Errc::damaged_backup);
    fs::resize_file(dir_ / "even.qcow2", (4u << 20) + 1);
    EXPECT_EQ(prove(wanted).error().code, Errc::damaged_backup);
    fs::remove(dir_ / "even.qcow2");
    EXPECT_EQ(prove(wanted).error().code, Errc::incomplete_backup);
    fs::create_symlink("disk.qcow2", dir_ / "even.qcow2");
    EXPECT_EQ(prove(wanted).error().code, Errc::damaged_backup);
}

TEST_F(Content, AHarmedFileOfDigestsIsReplacedAndTheBackupStaysProven) {
    make_files();
    auto const proven = prove(files_with());
    ASSERT_TRUE(proven);
    auto const good = bytes_of(digests_file_name);
    for (std::uint64_t at = 0; at < good.size(); at += 5) {
        write(digests_file_name, good);
        flip(digests_file_name, at, static_cast<unsigned>(at % 7));
        auto const folder = platform::Folder::open(dir_);
        auto const file = folder->open_file(digests_file_name);
        ASSERT_TRUE(file);
        EXPECT_FALSE(read_digests(**file)) << "byte " << at;
    }
    auto proof = begin(files_with(*proven));
    ASSERT_TRUE(proof);
    ASSERT_EQ((*proof)->notes().size(), 1U);
    EXPECT_NE((*proof)->notes()[0].find(digests_file_name), std::string::npos);
    while (!(*proof)->done()) ASSERT_TRUE((*proof)->advance(64u << 20, 1));
    ASSERT_TRUE((*proof)->finish());
    EXPECT_EQ(oracle(), 0);
    // And without them, harm to the content is still found, by the roots of the manifest.
    fs::remove(dir_ / digests_file_name);
    flip("disk.qcow2", 1234, 0);
    EXPECT_EQ(prove(files_with(*proven)).error().code, Errc::damaged_backup);
}

TEST_F(Content, AnInterruptedProofGoesOnWhereItWas) {
    names_ = {"vm.xml", "disk.qcow2", "other"};
    write("vm.xml", "<domain/>");
    write("disk.qcow2", noise(20u << 20));
    write("other", noise(10u << 20, 2));
    std::uint64_t kept = 0;
    {
        auto proof = begin(files_with());
        ASSERT_TRUE(proof);
        while ((*proof)->position() < (9u << 20)) ASSERT_TRUE((*proof)->advance(1u << 20, 1));
        ASSERT_TRUE((*proof)->keep());
        kept = (*proof)->position();
        ASSERT_TRUE((*proof)->advance(3u << 20, 1));  // this is lost with the process
    }
    std::ofstream(dir_ / unfinished_digests_name, std::ios::app) << "0123456789abcdef";  // and a line was torn
    auto proof = begin(files_with());
    ASSERT_TRUE(proof);
    EXPECT_EQ((*proof)->position(), kept);
    while (!(*proof)->done()) ASSERT_TRUE((*proof)->advance(4u << 20, 1));
    ASSERT_TRUE((*proof)->finish());
    EXPECT_EQ(oracle(), 0);
}

TEST_F(Content, WhatAnotherProofLeftIsNotUsed) {
    names_ = {"disk"};
    write("disk", noise(8u << 20));
    {
        auto proof = begin(files_with());
        ASSERT_TRUE((*proof)->advance(4u << 20, 1));
        ASSERT_TRUE((*proof)->keep());
    }
    begun_ += 1h;
    auto proof = begin(files_with());
    ASSERT_TRUE(proof);
    EXPECT_EQ((*proof)->position(), 0U) << "an old reading proves nothing of today";
}

TEST_F(Content, AComparisonGoesOnToo) {
    names_ = {"a", "disk"};
    write("a", noise(3u << 20));
    write("disk", noise(12u << 20, 7));
    auto const proven = prove(files_with());
    ASSERT_TRUE(proven);
    begun_ += 24h;
    {
        auto proof = begin(files_with(*proven));
        while ((*proof)->position() < (9u << 20)) ASSERT_TRUE((*proof)->advance(1u << 20, 1));
        ASSERT_TRUE((*proof)->keep());
    }
    auto proof = begin(files_with(*proven));
    ASSERT_TRUE(proof);
    EXPECT_GE((*proof)->position(), 9u << 20);
    while (!(*proof)->done()) ASSERT_TRUE((*proof)->advance(4u << 20, 1));
    EXPECT_TRUE((*proof)->finish());
}

TEST_F(Content, HostileDigestsNeitherHangNorCrash) {
    names_ = {"disk"};
    write("disk", noise(3u << 20));
    auto const proven = prove(files_with());
    ASSERT_TRUE(proven);
    std::string const head = "scale-backup digests 1\nbegun 2026-03-01T22:00:00Z\nchunk 2097152\n";
    for (std::string const& body :
         {std::string("file 18446744073709551615 x\nzero 8796093022207\n"), std::string("zero 1\n"),
          std::string("file 5 %\n"), std::string("file 5 \n"), std::string(10'000, 'a'), std::string("root x\n"),
          std::string("file 5 x\nzero 0\n"), std::string("file 5 x\nzero 2\n"), std::string("end \n"),
          std::string("\n\n")}) {
        write(digests_file_name, head + body);
        auto const again = prove(files_with(*proven));
        EXPECT_TRUE(again) << body.substr(0, 40) << ": " << again.error().context;
    }
}

/// A file whose reading fails from some byte on.
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
