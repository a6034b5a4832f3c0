#include "daemon/verify/sampled_chunks.hpp"

#include "tests/unit/verify/content_fixture.hpp"

#include <gmock/gmock.h>

#include <random>
#include <utility>

namespace sb::verify {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint64_t one_mib = 1u << 20;

class SampledChunksOf : public ContentFixture {
protected:
    /// Verifies the files, which makes their digests, and remembers what they must be.
    void verify_all() {
        auto const roots = verify_files(files_with());
        ASSERT_TRUE(roots) << roots.error().context;
        for (auto const& file : *roots) files_[file.name].root = file.root;
    }
    platform::Folder folder() const { return std::move(*platform::Folder::open(dir_)); }
    RandomBelow seeded() {
        return [this](std::uint64_t limit) { return random_() % limit; };
    }
    Result<void> check() {
        for (auto& [name, file] : files_) {
            auto const opened = folder().open_file(name);
            auto digests = read_sampled_chunks(**opened, seeded());
            if (!digests) return digests.error();
            file.digests = std::move(*digests);
        }
        auto const text = folder().open_file(digests_file_name);
        return compare_sampled_chunks(**text, files_);
    }

    std::map<std::string, SampledChunks> files_;
    std::mt19937_64 random_{7};
};

TEST_F(SampledChunksOf, UnchangedFilesPass) {
    names_ = {"a.qcow2", "b.qcow2", "empty", "small"};
    write("a.qcow2", noise(5 * one_mib + 3));
    write("b.qcow2", std::string(5 * one_mib, '\0') + noise(one_mib, 2));
    write("empty", "");
    write("small", "x");
    verify_all();
    auto const checked = check();
    EXPECT_TRUE(checked) << checked.error().context;
}

TEST_F(SampledChunksOf, EachByteOfASmallFileCounts) {
    names_ = {"a.qcow2", "b.qcow2"};
    write("a.qcow2", noise(3 * one_mib));
    write("b.qcow2", noise(5 * one_mib + 3, 2));
    verify_all();
    for (std::uint64_t const offset : {std::uint64_t{0}, 3 * one_mib, 5 * one_mib + 2}) {
        flip("b.qcow2", offset, 3);
        auto const checked = check();
        ASSERT_FALSE(checked) << offset;
        EXPECT_EQ(checked.error().code, Errc::damaged_backup);
        EXPECT_THAT(checked.error().context, AllOf(HasSubstr("'b.qcow2' has changed since it was verified"),
                                                   HasSubstr(std::to_string(offset / (2 * one_mib) * 2) + " MiB")));
        flip("b.qcow2", offset, 3);
    }
    EXPECT_TRUE(check());
}

TEST_F(SampledChunksOf, DataThatBecameAHoleIsFound) {
    names_ = {"a.qcow2"};
    write("a.qcow2", noise(200 * one_mib));
    verify_all();
    ASSERT_TRUE(check());
    fs::resize_file(dir_ / "a.qcow2", 2 * one_mib);
    fs::resize_file(dir_ / "a.qcow2", 200 * one_mib);
    EXPECT_EQ(check().error().code, Errc::damaged_backup);
}

TEST_F(SampledChunksOf, WithoutUsableDigestsNothingIsCompared) {
    names_ = {"a.qcow2"};
    write("a.qcow2", noise(3 * one_mib));
    verify_all();
    flip("a.qcow2", 7, 1);
    ASSERT_FALSE(check());
    auto const digests = bytes_of(digests_file_name);
    write(digests_file_name, digests.substr(0, digests.size() / 2));
    EXPECT_TRUE(check()) << "the file could be read; a verification reports the digests";
    write(digests_file_name, "");
    EXPECT_TRUE(check());
    write(digests_file_name, digests);
    files_["a.qcow2"].root = sha256({});
    EXPECT_TRUE(check()) << "the digests are those of another content";
}

/// 10 TB with a few samples: the memory and the time do not depend on the size.
TEST(SampledChunks, OfALargeFileTheFirstTheLastAndRandomChunksAreRead) {
    class Zeros : public platform::RandomAccess {
    public:
        std::uint64_t size() const override { return 10'000'000 * one_mib + 5; }
        Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
            if (offset > size() || into.size() > size() - offset) return Error{Errc::internal, "outside"};
            std::ranges::fill(into, std::byte{0});
            return {};
        }
        Result<platform::DataRange> next_data(std::uint64_t offset) const override {
            if (offset >= 60 * one_mib) return platform::DataRange{size(), size()};
            return platform::DataRange{std::max(offset, 50 * one_mib), 60 * one_mib};
        }
    };
    Zeros const file;
    std::mt19937_64 random(7);
    auto const digests = read_sampled_chunks(file, [&](std::uint64_t limit) { return random() % limit; });
    ASSERT_TRUE(digests);
    EXPECT_TRUE(digests->contains(0));
    EXPECT_TRUE(digests->contains(chunks_of(file.size()) - 1));
    EXPECT_GT(digests->size(), 60u) << "holes, too";
    EXPECT_LE(digests->size(), 2u * random_samples + 2);
    EXPECT_TRUE(digests->contains(25) || digests->contains(29)) << "and data";
    EXPECT_EQ(digests->at(0), digest_of_zeros());
}

}  // namespace
}  // namespace sb::verify
