// Our check against `qemu-img check`, which shares no code with it: images as QEMU makes them, and mutants of them.
// More mutants of each image: SB_QCOW2_MUTANTS=1000.
#include "daemon/platform/folder.hpp"
#include "daemon/verify/qcow2.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

namespace sb::verify {
namespace {

namespace fs = std::filesystem;

int run(std::string const& command) {
    int const status = std::system((command + " >/dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

std::string bytes_of(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(fs::path const& path, std::string const& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class Qcow2Oracle : public testing::Test {
protected:
    void SetUp() override {
        if (run("qemu-img --version") != 0 || run("qemu-io --version") != 0)
            GTEST_SKIP() << "needs qemu-img and qemu-io";
        std::string pattern = (fs::temp_directory_path() / "sb-qcow2-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        dir_ = pattern;
    }
    void TearDown() override {
        if (!dir_.empty()) fs::remove_all(dir_);
    }

    enum class Verdict { clean, leaks, corrupt };
    Verdict qemu(std::string const& file) const {
        switch (run("qemu-img check -f qcow2 " + (dir_ / file).string())) {
        case 0: return Verdict::clean;
        case 3: return Verdict::leaks;
        default: return Verdict::corrupt;  // corruption, or it cannot even be opened
        }
    }
    Result<Qcow2Summary> ours(std::string const& file) const {
        auto const folder = platform::Folder::open(dir_);
        auto const image = folder->open_file(file);
        return check_qcow2(**image);
    }

    /// Raw data with random stretches, zeros and repeated text, so that all kinds of clusters come about.
    void make_raw(std::string const& file, std::size_t size, unsigned seed) const {
        std::mt19937 random(seed);
        std::string data(size, '\0');
        for (std::size_t at = 0; at < size; at += 32768) {
            auto const kind = random() % 3;
            for (std::size_t i = at; i < std::min(size, at + 32768); ++i)
                data[i] = kind == 0 ? '\0' : kind == 1 ? static_cast<char>(random()) : static_cast<char>('a' + i % 7);
        }
        write(dir_ / file, data);
    }

    /// Every image as QEMU makes it, by name.
    std::vector<std::string> make_images() {
        std::vector<std::string> images;
        auto const path = [this](std::string const& name) { return (dir_ / name).string(); };
        make_raw("a.raw", 1 << 20, 1);
        make_raw("odd.raw", (1 << 20) + 1536, 2);
        auto const convert = [&](std::string const& name, std::string const& options, std::string const& raw) {
            EXPECT_EQ(run("qemu-img convert -f raw -O qcow2 " + options + " " + path(raw) + " " + path(name)), 0)
                << options;
            images.push_back(name);
        };
        for (std::string const cluster : {"512", "4096", "65536", "2M"})
            for (std::string const compat : {"0.10", "1.1"}) {
                auto const options = "-o cluster_size=" + cluster + ",compat=" + compat;
                auto const tail = cluster + "-" + compat;
                convert("plain-" + tail, options, "a.raw");
                convert("odd-" + tail, options, "odd.raw");
                convert("packed-" + tail, "-c " + options, "a.raw");
                EXPECT_EQ(run("qemu-img create -f qcow2 " + options + " " + path("empty-" + tail) + " 1G"), 0);
                images.push_back("empty-" + tail);
            }
        for (std::string const bits : {"1", "2", "4", "8", "32", "64"})
            convert("refcount-" + bits, "-o refcount_bits=" + bits, "a.raw");
        convert("subclusters", "-o extended_l2=on,cluster_size=65536", "odd.raw");
        for (std::string const kind : {"metadata", "falloc", "full"}) {
            EXPECT_EQ(run("qemu-img create -f qcow2 -o preallocation=" + kind + " " + path("prealloc-" + kind) + " 1M"),
                      0);
            images.push_back("prealloc-" + kind);
        }
        convert("zeros", "", "a.raw");
        EXPECT_EQ(
            run("qemu-io -f qcow2 -c 'write -z 0 256k' -c 'write -z -u 512k 64k' -c 'discard 700k 128k' -c 'write 900k 3k' " +
                path("zeros")),
            0);
        convert("snapshots", "", "a.raw");
        EXPECT_EQ(run("qemu-img snapshot -c one " + path("snapshots")), 0);
        EXPECT_EQ(run("qemu-io -f qcow2 -c 'write -P 7 0 200k' " + path("snapshots")), 0);
        EXPECT_EQ(run("qemu-img snapshot -c two " + path("snapshots")), 0);
        convert("grown", "-o cluster_size=4096", "a.raw");
        EXPECT_EQ(run("qemu-img resize " + path("grown") + " 3G"), 0);
        EXPECT_EQ(run("qemu-io -f qcow2 -c 'write 2G 100k' " + path("grown")), 0);
        convert("shrunk", "-o cluster_size=512", "a.raw");
        EXPECT_EQ(run("qemu-img resize --shrink " + path("shrunk") + " 300k"), 0);
        EXPECT_EQ(run("qemu-img create -f qcow2 " + path("tail") + " 10000000"), 0);
        EXPECT_EQ(run("qemu-io -f qcow2 -c 'write 9999872 128' " + path("tail")), 0);
        images.push_back("tail");
        return images;
    }

    fs::path dir_;
};

TEST_F(Qcow2Oracle, AcceptsWhatQemuMakes) {
    for (auto const& image : make_images()) {
        ASSERT_NE(qemu(image), Verdict::corrupt) << image;
        auto const result = ours(image);
        EXPECT_TRUE(result) << image << ": " << result.error().context;
    }
}

/// Objections where qemu-img has none, and why they are right: see qcow2.hpp.
std::string allowed_objection(std::string const& words) {
    for (std::string const reason : {
             "it is cut off or was not written to its end",  // qemu lets the file end within its last cluster
             "marked as not closed properly", "marked as corrupt", "is encrypted",
             "lies where something else lies already", "where something else lies already",
             "which version 2 cannot say",       // qemu fails when the guest reads there
             "so it is no backup by itself",     // a backing file that qemu does not open for a check
         })
        if (words.find(reason) != words.npos) return reason;
    return {};
}

std::uint64_t big_endian(std::string const& bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

/// Spoils one thing, most often in the tables. Says what it did.
std::string mutate(std::string& bytes, std::mt19937_64& random) {
    auto const l1 = big_endian(bytes, 40, 8), table = big_endian(bytes, 48, 8);
    auto const block = big_endian(bytes, static_cast<std::size_t>(table), 8);
    auto const l2 = big_endian(bytes, static_cast<std::size_t>(l1), 8) & 0x00fffffffffffe00;
    std::uint64_t const tables[] = {0, l1, table, block, l2};
    auto const where = tables[random() % 5];
    auto const span = where == 0 ? 112 : where == l2 || where == block ? 512 : 16;
    std::ostringstream said;
    auto const at = static_cast<std::size_t>(where + random() % static_cast<unsigned>(span));
    switch (random() % 5) {
    case 0: {
        auto const length = static_cast<std::size_t>(random() % bytes.size());
        said << "cut to " << length;
        bytes.resize(length);
        break;
    }
    case 1:
        if (at >= bytes.size()) break;
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        said << "bit flipped in byte " << at;
        break;
    case 2:
        if (at >= bytes.size()) break;
        bytes[at] = static_cast<char>(random());
        said << "byte " << at << " replaced";
        break;
    case 3: {  // an entry copied over another
        auto const from = static_cast<std::size_t>(where) + 8 * (random() % 64),
                   to = static_cast<std::size_t>(where) + 8 * (random() % 64);
        if (from + 8 > bytes.size() || to + 8 > bytes.size()) break;
        bytes.replace(to, 8, bytes, from, 8);
        said << "8 bytes copied from " << from << " to " << to;
        break;
    }
    default: {  // an entry moved by some clusters
        auto const entry = static_cast<std::size_t>(where) + 8 * (random() % 16);
        if (entry + 8 > bytes.size()) break;
        auto const value = big_endian(bytes, entry, 8) + ((random() % 64) << (9 + random() % 13));
        for (std::size_t i = 0; i < 8; ++i) bytes[entry + i] = static_cast<char>(value >> (56 - 8 * i));
        said << "number at " << entry << " changed";
    }
    }
    return said.str();
}

TEST_F(Qcow2Oracle, ObjectsWheneverQemuDoes) {
    auto const* const wanted = std::getenv("SB_QCOW2_MUTANTS");
    int const rounds = wanted != nullptr ? std::atoi(wanted) : 4;
    std::map<std::string, int> counted;
    std::mt19937_64 random(20261123);
    for (auto const& image : make_images()) {
        auto const whole = bytes_of(dir_ / image);
        for (int round = 0; round < rounds; ++round) {
            auto bytes = whole;
            auto const what = mutate(bytes, random);
            write(dir_ / "mutant", bytes);
            auto const verdict = qemu("mutant");
            auto const result = ours("mutant");
            ++counted[verdict == Verdict::corrupt ? "corrupt to qemu-img" : "sound to qemu-img"];
            if (verdict == Verdict::corrupt) EXPECT_FALSE(result) << image << ": " << what;
            else if (!result) {
                auto const reason = allowed_objection(result.error().context);
                EXPECT_NE(reason, "") << image << ": " << what << ": " << result.error().context;
                ++counted["only to us: " + reason];
            }
        }
    }
    for (auto const& [what, count] : counted) std::cout << count << "\t" << what << "\n";
}

}  // namespace
}  // namespace sb::verify
