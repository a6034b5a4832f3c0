// Which change of a backup's files is seen, and which is none.
#include "daemon/core/file_proof.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

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

TEST(FileProof, NewChangeTimesOfAllFilesAreLikeACopyToAnotherDisk) {
    auto const now = proof_of(
        "scale-backup.json 5 1 900 10.5 50.1\nnight A.xml 5 2 200 10.1 50.2\n"
        "my disk.qcow2 5 3 4096 11.1 50.3\n");
    EXPECT_TRUE(is_like_a_copy(proof, now));
    auto const text = changed_text("nightly", proof, now);
    EXPECT_TRUE(
        text.starts_with("files of backup 'nightly' were changed since they were last proven: "
                         "'my disk.qcow2' (change time), 'night A.xml' (change time). "))
        << text;
    EXPECT_NE(text.find("this is expected after the files were copied to another disk"), std::string::npos) << text;
}

TEST(FileProof, AChangeOfASingleFileOrOfSizesAndTimesIsNotLikeACopy) {
    EXPECT_FALSE(is_like_a_copy(proof, proof));
    EXPECT_FALSE(is_like_a_copy("", ""));
    for (auto const* disk : {"1 4 4096 11.1 12.2", "1 4 4096 12.1 12.2", "1 4 5000 11.1 12.2", "missing"}) {
        auto const now = proof_of(states(disk));
        EXPECT_FALSE(is_like_a_copy(proof, now)) << disk;
        EXPECT_EQ(changed_text("b", proof, now).find("copied"), std::string::npos) << disk;
    }
    EXPECT_FALSE(is_like_a_copy(proof, proof_of("night A.xml 5 2 200 10.1 50.2\nmy disk.qcow2 5 3 4096 50.1 50.3\n")))
        << "one has another modification time";
}

TEST(FileProof, AMissingFileIsADifference) {
    EXPECT_EQ(difference(states("missing")), "'my disk.qcow2' (it is missing)");
    EXPECT_EQ(difference_of(proof, ""), "'my disk.qcow2' (it is missing), 'night A.xml' (it is missing)");
}

TEST(FileProof, AFileThatWasNotProvenIsADifference) {
    EXPECT_EQ(difference(states("1 4 4096 11.1 11.2") + "evil.qcow2 1 9 4096 11.1 11.2\n"),
              "'evil.qcow2' (it was not among them)");
    auto const copied =
        proof_of("night A.xml 5 2 200 10.1 50.2\nmy disk.qcow2 5 3 4096 11.1 50.3\nevil.qcow2 5 4 4096 11.1 50.4\n");
    EXPECT_FALSE(is_like_a_copy(proof, copied));
}

TEST(FileProof, AManifestThatNamesSomethingElseIsADifferenceAndOneThatWasVerifiedIsNone) {
    auto const files = states("1 4 4096 11.1 11.2");
    auto const taken = proof_of(files + "/manifest aaaa\n");
    EXPECT_EQ(manifest_digest_of(taken), "aaaa");
    EXPECT_EQ(manifest_digest_of(proof), "") << "of an earlier version";
    EXPECT_EQ(difference_of(taken, proof_of(states("1 4 4096 11.1 11.2", "1 2 950 90.5 90.5") + "/manifest aaaa\n")),
              "");
    auto const now = proof_of(files + "/manifest bbbb\n");
    EXPECT_EQ(difference_of(taken, now), "'scale-backup.json' (which VM, definition, disks and files it names)");
    EXPECT_EQ(difference_of(taken, proof), "'scale-backup.json' (which VM, definition, disks and files it names)");
    EXPECT_EQ(difference_of(proof, now), "") << "a proof of an earlier version cannot be compared";
    EXPECT_FALSE(is_like_a_copy(taken, now));
}

TEST(FileProof, EachFieldThatARestoreOrAnExportedDiskReadsIsPartOfTheEssence) {
    Manifest manifest;
    manifest.definition_file = "a.xml";
    manifest.disks.push_back({});
    manifest.files.push_back({.name = "a.xml", .role = "definition"});
    auto const changes = std::vector<std::function<void(Manifest&)>>{
        [](Manifest& m) { m.vm_uuid = VmUuid("u2"); },  [](Manifest& m) { m.vm_name = "X"; },
        [](Manifest& m) { m.cluster_uuid = "c2"; },     [](Manifest& m) { m.definition_file = "evil.xml"; },
        [](Manifest& m) { m.disks.clear(); },           [](Manifest& m) { m.disks[0].uuid = DiskUuid("d2"); },
        [](Manifest& m) { m.disks[0].type = "X"; },     [](Manifest& m) { m.disks[0].capacity_bytes = 7; },
        [](Manifest& m) { m.files.clear(); },           [](Manifest& m) { m.files[0].name = "X"; },
        [](Manifest& m) { m.files[0].role = "X"; },     [](Manifest& m) { m.files[0].structure = "X"; },
        [](Manifest& m) { m.files[0].size_bytes = 7; }, [](Manifest& m) { m.files[0].virtual_bytes = 7; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto changed = manifest;
        changes[i](changed);
        EXPECT_NE(essence_of(changed), essence_of(manifest)) << i;
    }
    auto kept = manifest;
    kept.is_protected = true;
    kept.files[0].content = "digest";
    kept.accepted = UtcTime();
    EXPECT_EQ(essence_of(kept), essence_of(manifest)) << "orders and verifications change these";
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
