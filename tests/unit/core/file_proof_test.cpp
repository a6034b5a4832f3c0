// Which change of a backup's files is seen, and which is none.
#include "daemon/core/file_proof.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sb::core {
namespace {

/// As platform::Folder::state() gives it: device, inode, size, modification time, change time.
std::string states(std::string const& disk, std::string const& manifest = "1 2 900 10.5 10.5") {
    return "scale-backup.json " + manifest + "\nnight A.xml 1 3 200 10.1 10.2\nmy disk.qcow2 " + disk + "\n";
}

std::string const proof = proof_of(states("1 4 4096 11.1 11.2"));

std::string difference(std::string const& states_now) { return difference_of(proof, proof_of(states_now)); }

}  // namespace

TEST(FileProof, TheSameFilesDoNotDiffer) { EXPECT_EQ(difference(states("1 4 4096 11.1 11.2")), ""); }

TEST(FileProof, AnotherMountAndAWrittenManifestAreNoChange) {
    EXPECT_EQ(difference(states("77 99 4096 11.1 11.2", "77 98 950 20.5 20.5")), "");
}

TEST(FileProof, SizeModificationTimeAndChangeTimeAreNamed) {
    EXPECT_EQ(difference(states("1 4 5000 11.1 11.2")), "'my disk.qcow2' (size)");
    EXPECT_EQ(difference(states("1 4 4096 12.1 12.2")), "'my disk.qcow2' (modification time, change time)");
    EXPECT_EQ(difference(states("1 4 4096 11.1 12.2")), "'my disk.qcow2' (change time)")
        << "written to, and the modification time set back";
}

TEST(FileProof, AMissingFileIsADifference) {
    EXPECT_EQ(difference(states("missing")), "'my disk.qcow2' (it is missing)");
    EXPECT_EQ(difference_of(proof, ""), "'my disk.qcow2' (it is missing), 'night A.xml' (it is missing)");
}

TEST(FileProof, NoMoreThanThreeFilesAreNamed) {
    std::string before;
    std::string after;
    for (auto const* name : {"a", "b", "c", "d", "e"}) {
        before += std::string(name) + " 1 1 1 1.0 1.0\n";
        after += std::string(name) + " 1 1 2 1.0 1.0\n";
    }
    EXPECT_EQ(difference_of(proof_of(before), proof_of(after)), "'a' (size), 'b' (size), 'c' (size) and 2 more");
}

}  // namespace sb::core
