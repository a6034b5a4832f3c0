// Our check compared with `qemu-img check`: images of every kind made by QEMU, random images, and mutants of them.
// More of them: SB_QCOW2_IMAGES=2000 SB_QCOW2_MUTANTS=50 (docs/reliability.md).
#include "tests/unit/verify/image_mutation.hpp"
#include "tests/unit/verify/qemu_images.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>

namespace sb::verify {
namespace {

int number(char const* variable, int otherwise) {
    auto const* const wanted = std::getenv(variable);
    return wanted != nullptr ? std::atoi(wanted) : otherwise;
}

class Qcow2Oracle : public test::QemuImages {
protected:
    void TearDown() override {
        std::cout << "  images compared with qemu-img: " << compared_ << " (" << corrupt_
                  << " of them corrupt according to it), disagreements: " << disagreements_ << "\n";
        for (auto const& [reason, count] : allowed_)
            std::cout << "    " << count << " refused only by us: " << reason << "\n";
        QemuImages::TearDown();
    }

    void compare(std::string const& file, std::string const& what) {
        auto const theirs = qemu(file);
        auto const mine = ours(file);
        std::string reason;
        auto const difference = test::disagreement(theirs, mine, reason);
        EXPECT_EQ(difference, "") << what << "\nsaved as " << (difference.empty() ? "" : save(file));
        ++compared_;
        corrupt_ += theirs.sound ? 0 : 1;
        disagreements_ += difference.empty() ? 0 : 1;
        if (!reason.empty()) ++allowed_[reason];
    }

    void compare_mutants(std::string const& image, int count, std::mt19937_64& random) {
        auto const whole = bytes_of(image);
        for (int i = 0; i < count; ++i) {
            auto bytes = whole;
            auto what = image + ": " + test::mutate(bytes, random);
            while (random() % 4 == 0) what += ", " + test::mutate(bytes, random);
            write("mutant", bytes);
            compare("mutant", what);
        }
    }

    /// An image with a random geometry and history. Returns a description.
    std::string make_by_chance(std::string const& file, std::mt19937_64& random) {
        auto const one_of = [&](std::vector<std::string> const& choices) { return choices[random() % choices.size()]; };
        bool const old = random() % 3 == 0;
        auto options = "cluster_size=" + one_of({"512", "1024", "4096", "16384", "65536", "65536", "262144"}) +
                       (old ? ",compat=0.10"
                            : ",compat=1.1,refcount_bits=" + one_of({"1", "2", "4", "8", "16", "16", "32", "64"}));
        if (!old && random() % 4 == 0)
            options = "cluster_size=" + one_of({"16384", "65536", "131072"}) + ",extended_l2=on";
        if (random() % 4 == 0) options += ",preallocation=metadata";
        // In sectors: the disk ends anywhere in its last cluster.
        auto const size = (random() % 8192 + 64) * 512;
        EXPECT_EQ(run({"qemu-img", "create", "-q", "-f", "qcow2", "-o", options, path(file), std::to_string(size)}), 0)
            << options;
        std::vector<std::string> arguments{"qemu-io", "-f", "qcow2"};
        for (auto left = random() % 12; left > 0; --left) {
            auto const begin = random() % size / 512 * 512;
            auto const place = " " + std::to_string(begin) + " " +
                               std::to_string(std::min<std::uint64_t>(size - begin, (random() % 128 + 1) * 512));
            arguments.insert(
                arguments.end(),
                {"-c", one_of({"write -P 7", "write -P 9", "write -z", "write -z -u", "discard"}) + place});
        }
        run(arguments, file);  // an old version does not support all of these; it ran the rest
        bool const single_counts =
            options.find("refcount_bits=1") != options.npos && options.find("refcount_bits=16") == options.npos;
        if (!single_counts && random() % 5 == 0) {
            EXPECT_EQ(run({"qemu-img", "snapshot", "-c", "one"}, file), 0);
            run({"qemu-io", "-f", "qcow2", "-c", "write -P 3 0 4096"}, file);
        }
        return options + " of " + std::to_string(size);
    }

private:
    /// A copy that survives the test.
    std::string save(std::string const& file) const {
        auto const copy =
            std::filesystem::temp_directory_path() / ("sb-disagreement-" + std::to_string(disagreements_) + ".qcow2");
        std::filesystem::copy_file(path(file), copy, std::filesystem::copy_options::overwrite_existing);
        return copy.string();
    }

    int compared_ = 0, corrupt_ = 0, disagreements_ = 0;
    std::map<std::string, int> allowed_;
};

TEST_F(Qcow2Oracle, AcceptsImagesMadeByQemu) {
    for (auto const& image : make_one_of_each_kind()) {
        ASSERT_TRUE(qemu(image).sound) << image;
        auto const result = ours(image);
        EXPECT_TRUE(result) << image << ": " << result.error().context;
        compare(image, image);
    }
}

TEST_F(Qcow2Oracle, RejectsWhateverQemuRejects) {
    std::mt19937_64 random(20261123);
    for (auto const& image : make_one_of_each_kind()) compare_mutants(image, number("SB_QCOW2_MUTANTS", 3), random);
}

TEST_F(Qcow2Oracle, AgreesWithQemuOnRandomImagesAndTheirMutants) {
    auto const images = number("SB_QCOW2_IMAGES", 15);
    std::mt19937_64 random(20261126);
    for (int i = 0; i < images; ++i) {
        auto const what = make_by_chance("image", random);
        compare("image", what);
        compare_mutants("image", number("SB_QCOW2_MUTANTS", 15), random);
        run({"rm"}, "image");
    }
}

}  // namespace
}  // namespace sb::verify
