#pragma once
// qcow2 images as QEMU makes them, and what `qemu-img check`, which shares no code with us, says of one.

#include "daemon/verify/qcow2.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sb::verify::test {

struct QemuVerdict {
    bool sound = false;                                          ///< no corruption; leaks are none
    std::uint64_t leaked_clusters = 0, compressed_clusters = 0;  ///< of a sound image
};

class QemuImages : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    /// Starts the program with the file as its last argument, in the images' folder; its exit code.
    int run(std::vector<std::string> arguments, std::string const& file = {}) const;

    QemuVerdict qemu(std::string const& file) const;
    Result<Qcow2Summary> ours(std::string const& file) const;

    std::string path(std::string const& file) const { return (dir_ / file).string(); }
    std::string bytes_of(std::string const& file) const;
    void write(std::string const& file, std::string const& bytes) const;
    /// Random stretches, zeros and repeated text, so that all kinds of clusters come about.
    void make_raw(std::string const& file, std::size_t size, unsigned seed) const;
    /// An image of every kind that QEMU makes, by name.
    std::vector<std::string> make_one_of_each_kind();

private:
    std::filesystem::path dir_;
};

/// Empty if both say the same; else what each says. Where we object and QEMU does not, the reasons that qcow2.hpp names
/// are right, and `reason` is that one.
std::string disagreement(QemuVerdict const& qemu, Result<Qcow2Summary> const& ours, std::string& reason);

}  // namespace sb::verify::test
