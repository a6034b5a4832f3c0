#include "daemon/verify/backup_files.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sb::verify {
namespace {

std::string const device_uuid = "4ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a901";

TEST(BackupFiles, TheStateOfOtherDevicesIsPartOfTheBackup) {
    for (auto const& name : {std::string("nvram.bin"), std::string("NVRAM.img"), std::string("FILE01_VARS.fd"),
                             std::string("FILE01.nvram"), std::string("vtpm-FILE01.img"),
                             std::string("tpm2-00.permall"), device_uuid + ".qcow2", device_uuid + ".RAW"})
        EXPECT_TRUE(is_device_file(name)) << name;
}

TEST(BackupFiles, WhatOthersPutIntoTheFolderIsNot) {
    for (auto const& name : {std::string("Thumbs.db"),
                             std::string("desktop.ini"),
                             std::string(".DS_Store"),
                             std::string("._nvram.bin"),
                             std::string("@eaDir"),
                             std::string("notes.txt"),
                             std::string("notes on nvram.txt"),
                             std::string("nvram.bin.tmp"),
                             std::string("overlay.qcow2"),
                             std::string("old.xml"),
                             std::string("disk.vhdx"),
                             device_uuid,
                             std::string("nvram"),
                             device_uuid + ".vhdx",
                             device_uuid + ".qcow2.tmp",
                             "._" + device_uuid + ".qcow2",
                             device_uuid + "0.qcow2",
                             std::string(".fd"),
                             std::string("scale-backup.json"),
                             std::string("scale-backup.digests"),
                             std::string(".scale-backup.json.new"),
                             std::string("~$notes.docx"),
                             std::string()})
        EXPECT_FALSE(is_device_file(name)) << name;
}

TEST(BackupFiles, OfEarlierManifestsOnlyTheUnknownOthersAreIgnored) {
    EXPECT_TRUE(is_part_of_backup({.name = "vm.xml", .role = "definition"}));
    EXPECT_TRUE(is_part_of_backup({.name = "any name", .role = "disk"}));
    EXPECT_TRUE(is_part_of_backup({.name = "any name", .role = "device"}));
    EXPECT_TRUE(is_part_of_backup({.name = "any name", .role = "of a later version"})) << "it was listed on purpose";
    EXPECT_TRUE(is_part_of_backup({.name = "nvram.bin", .role = "other", .size_bytes = 1}));
    EXPECT_FALSE(is_part_of_backup({.name = "nvram.bin", .role = "other", .size_bytes = 0}));
    EXPECT_FALSE(is_part_of_backup({.name = device_uuid, .role = "other", .size_bytes = 1}));
    EXPECT_FALSE(is_part_of_backup({.name = "Thumbs.db", .role = "other"}));
}

}  // namespace
}  // namespace sb::verify
