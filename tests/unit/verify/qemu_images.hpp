#pragma once
// qcow2 images made by QEMU, and the result of `qemu-img check`, which shares no code with us.

#include "daemon/verify/qcow2.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sb::verify::test {

struct QemuVerdict {
    bool sound = false;                                          ///< no corruption (leaks do not count)
    std::uint64_t leaked_clusters = 0, compressed_clusters = 0;  ///< of an intact image
};

class QemuImages : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    /// Runs the program in the images' folder with the file as its last argument. Returns its exit code.
    int run(std::vector<std::string> arguments, std::string const& file = {}) const;

    QemuVerdict qemu(std::string const& file) const;
    Result<Qcow2Summary> ours(std::string const& file) const;

    std::string path(std::string const& file) const { return (dir_ / file).string(); }
    std::string bytes_of(std::string const& file) const;
    void write(std::string const& file, std::string const& bytes) const;
    /// Random data, zeros and repeated text, so that all kinds of clusters occur.
    void make_raw(std::string const& file, std::size_t size, unsigned seed) const;
    /// An image of every kind that QEMU makes, by name.
    std::vector<std::string> make_one_of_each_kind();

private:
    std::filesystem::path dir_;
};

/// Empty if both agree; otherwise both results. Where only we reject the image, the reasons listed in qcow2.hpp are
/// correct, and `reason` is that one.
std::string disagreement(QemuVerdict const& qemu, Result<Qcow2Summary> const& ours, std::string& reason);

}  // namespace sb::verify::test
