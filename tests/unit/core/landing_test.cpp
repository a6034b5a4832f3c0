#include "daemon/core/landing.hpp"

#include "common/text/utf8.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

constexpr std::string_view sharp_s = "\xC3\x9F";       // 2 bytes, 1 UTF-16 unit
constexpr std::string_view kanji = "\xE6\xBC\xA2";     // 3 bytes, 1 unit
constexpr std::string_view disk = "\xF0\x9F\x92\xBE";  // 4 bytes, 2 units

}  // namespace

TEST(Landing, TheNameHasTheBackupAndTheAttempt) {
    EXPECT_EQ(landing_folder("web1", "0a1b2c3d"), "web1.exporting-0a1b2c3d");
    EXPECT_EQ(attempt_of("web1.exporting-0a1b2c3d"), "0a1b2c3d");
}

TEST(Landing, AShareMayChangeTheCaseOfTheName) {
    EXPECT_EQ(attempt_of("WEB1.EXPORTING-0A1B2C3D"), "0a1b2c3d");
    EXPECT_TRUE(is_landing_folder("Web1.Exporting-0A1b2C3d"));
}

TEST(Landing, OtherNamesAreNotOnes) {
    for (auto const* name : {"", "web1", "web1.exporting", "web1.exporting-", "web1.exporting-0a1b2c3",
                             "web1.exporting-0a1b2c3g", "web1.exporting-0a1b2c3d ", "web1.exporting-00a1b2c3d",
                             "web1 exporting-0a1b2c3d", "web1.exporting-0a1b2c3d.old"})
        EXPECT_FALSE(is_landing_folder(name)) << name;
}

TEST(Landing, ALongNameIsCutBetweenTwoCharactersToTheLimitsOfAllSystems) {
    struct Case {
        std::string_view character;
        std::size_t bytes, utf16_units;  ///< of the whole name, at most
    };
    for (auto const& [character, bytes, utf16_units] :
         {Case{"x", 240, 240}, Case{sharp_s, 255, 137}, Case{kanji, 253, 97}, Case{disk, 255, 137}}) {
        auto const backup = repeated(character, 240);
        auto const name = landing_folder(backup, "0a1b2c3d");
        EXPECT_EQ(name.size(), bytes) << character;
        EXPECT_LE(name.size(), max_folder_bytes) << character;
        EXPECT_TRUE(is_utf8(name)) << character;
        EXPECT_EQ(attempt_of(name), "0a1b2c3d") << character;
        std::size_t units = 0;
        for (std::string_view rest = name; !rest.empty();) {
            auto const point = first_code_point(rest);
            units += point.value > 0xffff ? 2 : 1;
            rest.remove_prefix(point.bytes);
        }
        EXPECT_EQ(units, utf16_units) << character;
        EXPECT_LE(units, max_folder_utf16) << character;
    }
}

TEST(Landing, ANameThatJustFitsIsNotCut) {
    std::string const backup(max_folder_utf16 - std::string_view(".exporting-0a1b2c3d").size(), 'x');
    EXPECT_EQ(landing_folder(backup, "0a1b2c3d"), backup + ".exporting-0a1b2c3d");
}

TEST(Landing, ATakenNameIsNumberedWithinTheSameLimits) {
    EXPECT_EQ(numbered_name("web1", 1), "web1");
    EXPECT_EQ(numbered_name("web1", 2), "web1 (2)");
    EXPECT_EQ(numbered_name(std::string(240, 'x'), 12), std::string(235, 'x') + " (12)");
    EXPECT_EQ(numbered_name(repeated(kanji, 85), 2), repeated(kanji, 83) + " (2)");
}

TEST(Landing, TwoAttemptsOfOneBackupNeverShareAFolder) {
    auto const longest = repeated(disk, 120);
    EXPECT_NE(landing_folder(longest, "00000001"), landing_folder(longest, "00000002"));
}

}  // namespace sb::core
