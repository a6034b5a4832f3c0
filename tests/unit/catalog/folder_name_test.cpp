#include "daemon/catalog/folder_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::catalog {
namespace {

TEST(FolderName, AcceptsNamesThatEverySystemSupports) {
    for (std::string const name : {"FILE01", "2025-03-01_22-00-00 FILE 01", "Größe (alt) #1 & 'x'", "日本", "a.b",
                                   "CONSOLE", "COM10", "COM", "x@y;z=%+,$!"})
        EXPECT_TRUE(check_folder_name(name)) << name;
    EXPECT_TRUE(check_folder_name(std::string(240, 'a')));
}

TEST(FolderName, RefusesWithTheReason) {
    std::vector<std::pair<std::string, std::string>> const refused{{"", "empty"},
                                                                   {".", "an existing folder"},
                                                                   {"..", "an existing folder"},
                                                                   {"web/front", "another folder"},
                                                                   {"x/../../../other/evil", "another folder"},
                                                                   {"..\\up", "another folder"},
                                                                   {"/etc", "another folder"},
                                                                   {"a\nb", "control"},
                                                                   {std::string("a\0b", 3), "control"},
                                                                   {"a\x7f", "control"},
                                                                   {"a\xc2\x85", "control"},
                                                                   {"a<b", "'<'"},
                                                                   {"a>b", "'>'"},
                                                                   {"a:b", "':'"},
                                                                   {"a\"b", "'\"'"},
                                                                   {"a|b", "'|'"},
                                                                   {"a?", "'?'"},
                                                                   {"a*", "'*'"},
                                                                   {"a ", "end"},
                                                                   {"a.", "end"},
                                                                   {" a", "begins"},
                                                                   {"CON", "device"},
                                                                   {"nul", "device"},
                                                                   {"Com1.txt", "device"},
                                                                   {"LPT9", "device"},
                                                                   {"aux .x", "device"},
                                                                   {"COM\xc2\xb9", "device"},
                                                                   {".scale-backup-trash", "dot"},
                                                                   {".hidden", "dot"},
                                                                   {"a\xff", "UTF-8"},
                                                                   {"a\xc0\xaf", "UTF-8"},
                                                                   {"\xed\xa0\x80", "UTF-8"},
                                                                   {"\xf4\x90\x80\x80", "UTF-8"},
                                                                   {"a\xe2\x82", "UTF-8"},
                                                                   {std::string(256, 'a'), "255"},
                                                                   {std::string(241, 'a'), "240"}};
    for (auto const& [name, reason] : refused) {
        auto const result = check_folder_name(name);
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().code, Errc::invalid_name);
        EXPECT_THAT(result.error().context, testing::HasSubstr(reason)) << name;
    }
}

TEST(FolderName, ANewBackupsNameLeavesSpaceForItsDefinition) {
    std::string accents;
    while (accents.size() < 252) accents += "日";  // 3 bytes
    EXPECT_TRUE(check_folder_name(accents)) << "a folder may have this name";
    EXPECT_THAT(check_new_name(accents).error().context, testing::HasSubstr("252 bytes; the limit is 251"));
    EXPECT_TRUE(check_new_name(accents.substr(3) + "a"));
    EXPECT_TRUE(check_new_name(std::string(236, 'a')));
    auto const too_long = check_new_name(std::string(237, 'a'));
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code, Errc::invalid_name);
    EXPECT_THAT(too_long.error().context, testing::HasSubstr("more than 236 characters"));
    EXPECT_FALSE(check_new_name("a:b")) << "and every other rule applies";
}

TEST(FolderName, ASafeNameAlwaysPasses) {
    EXPECT_EQ(safe_folder_name("web/front"), "web_front");
    EXPECT_EQ(safe_folder_name("x/../../y"), "x_.._.._y");
    EXPECT_EQ(safe_folder_name("Größe"), "Größe");
    unsigned random = 7;
    auto const next = [&random] { return (random = random * 1664525 + 1013904223) >> 16; };
    for (int round = 0; round < 20000; ++round) {
        std::string name;
        for (auto length = next() % 300; length > 0; --length)
            name += static_cast<char>(next() % (round % 2 == 0 ? 256 : 64));
        auto const safe = safe_folder_name(name);
        EXPECT_TRUE(check_folder_name(safe)) << safe;
        EXPECT_LE(safe.size(), 200u);
    }
    for (std::string const name : {"", ".", "..", " ", "CON", "com1.x", "...", ". ."})
        EXPECT_TRUE(check_folder_name(safe_folder_name(name))) << name;
}

TEST(FolderName, NamesOfLandingFoldersAreReservedForExports) {
    for (std::string const name : {"web1.exporting-0a1b2c3d", "WEB1.EXPORTING-0A1B2C3D"}) {
        auto const result = check_folder_name(name);
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().code, Errc::invalid_name);
        EXPECT_THAT(result.error().context, testing::HasSubstr("reserved")) << name;
        EXPECT_FALSE(may_be_backup(name));
        EXPECT_TRUE(check_folder_name(safe_folder_name(name))) << safe_folder_name(name);
    }
    for (std::string const name : {"web1.exporting-0a1b2c3", "web1.exporting-0a1b2c3d (2)", "exporting-0a1b2c3d"}) {
        EXPECT_TRUE(check_folder_name(name)) << name;
        EXPECT_TRUE(may_be_backup(name)) << name;
    }
}

TEST(FolderName, HiddenFoldersAndPathsAreNeverBackups) {
    for (std::string const name : {"", ".", "..", ".scale-backup-trash", "a/b", "a/", "/srv/share/a"})
        EXPECT_FALSE(may_be_backup(name)) << name;
}

TEST(FolderName, FoldersOfFileSystemsAndNasSystemsAreNeverBackups) {
    for (std::string const name : {"lost+found", "System Volume Information", "$RECYCLE.BIN", "@eaDir", "#recycle"}) {
        EXPECT_FALSE(may_be_backup(name)) << name;
        EXPECT_EQ(check_folder_name(name).error().code, Errc::invalid_name) << name;
        EXPECT_TRUE(check_folder_name(safe_folder_name(name))) << safe_folder_name(name);
    }
    for (std::string const name : {"lost+found 2", "@home", "#1"}) EXPECT_TRUE(may_be_backup(name)) << name;
}

}  // namespace
}  // namespace sb::catalog
