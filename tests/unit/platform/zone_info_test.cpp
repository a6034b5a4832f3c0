#include "daemon/platform/zone_info.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace sb::platform {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A machine with its own files.
class ZoneOfMachine : public testing::Test {
protected:
    void SetUp() override {
        for (auto const* folder : {"etc", "usr/share/zoneinfo/Europe"}) fs::create_directories(root_ / folder);
        test::write_file(root_ / "usr/share/zoneinfo/Europe/Berlin", "TZif2");
    }
    ZoneInfo with(std::optional<std::string> const& tz) const { return zone_named(tz, root_.path()); }
    test::TempDir root_;
};

TEST_F(ZoneOfMachine, AKnownZoneIsNamed) {
    for (std::string const tz : {"Europe/Berlin", ":Europe/Berlin"}) {
        EXPECT_EQ(with(tz).name, "Europe/Berlin");
        EXPECT_FALSE(with(tz).problem) << tz;
    }
    EXPECT_FALSE(with("/usr/share/zoneinfo/Europe/Berlin").problem);
    for (std::string const rule : {"CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3", "EST5EDT"})
        EXPECT_FALSE(with(rule).problem);
    for (std::string const utc : {"", "UTC", "Etc/UTC", ":UTC"}) {
        EXPECT_EQ(with(utc).name, "UTC");
        EXPECT_FALSE(with(utc).problem);
    }
}

/// The C library takes UTC for it and reports nothing.
TEST_F(ZoneOfMachine, AnUnknownZoneIsAProblem) {
    for (std::string const tz : {"Europe/Berlni", "Europa/Berlin", "Berlin", "Europe", "/etc/nothing", "CE1"}) {
        ASSERT_TRUE(with(tz).problem) << tz;
        EXPECT_THAT(*with(tz).problem, testing::AllOf(HasSubstr("'" + tz + "'"), HasSubstr("UTC")));
    }
}

TEST_F(ZoneOfMachine, AFileThatIsNotAZoneIsAProblem) {
    test::write_file(root_ / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    test::write_file(root_ / "etc/empty", "");
    test::write_file(root_ / "usr/share/zoneinfo/tzdata.zi", "# version 2026a\n");
    for (std::string const tz : {":/etc/passwd", "/etc/passwd", "/etc/empty", "tzdata.zi", ":tzdata.zi"}) {
        ASSERT_TRUE(with(tz).problem) << tz;
        EXPECT_THAT(*with(tz).problem, testing::AllOf(HasSubstr("is not a time zone"), HasSubstr("UTC"))) << tz;
    }
    for (std::string const rule : {"<+>3", "<a b>3", "<>3", "<+03"}) EXPECT_TRUE(with(rule).problem) << rule;
    test::write_file(root_ / "etc/localtime", "not a zone");
    ASSERT_TRUE(with(std::nullopt).problem);
    EXPECT_THAT(*with(std::nullopt).problem, HasSubstr("/etc/localtime is not a time zone"));
    fs::remove(root_ / "etc/localtime");
    fs::create_symlink("passwd", root_ / "etc/localtime");
    ASSERT_TRUE(with(std::nullopt).problem);
    EXPECT_THAT(*with(std::nullopt).problem, HasSubstr("'passwd', which is not a time zone"));
}

TEST_F(ZoneOfMachine, WithoutTzItIsTheOneOfLocaltime) {
    EXPECT_EQ(with(std::nullopt).name, "UTC") << "nothing is set";
    fs::create_symlink("../usr/share/zoneinfo/Europe/Berlin", root_ / "etc/localtime");
    EXPECT_EQ(with(std::nullopt).name, "Europe/Berlin");
    EXPECT_FALSE(with(std::nullopt).problem);
    fs::remove_all(root_ / "usr");
    ASSERT_TRUE(with(std::nullopt).problem) << "tzdata was removed";
    EXPECT_THAT(*with(std::nullopt).problem, HasSubstr("does not exist"));
}

TEST_F(ZoneOfMachine, ACopyIsNamedByTheNoteBesideIt) {
    test::write_file(root_ / "etc/localtime", "TZif2");
    EXPECT_EQ(with(std::nullopt).name, "/etc/localtime");
    test::write_file(root_ / "etc/timezone", "Europe/Berlin\n");
    EXPECT_EQ(with(std::nullopt).name, "Europe/Berlin");
}

TEST(ZoneText, ShowsTheOffset) {
    EXPECT_EQ(zone_text({"Europe/Berlin", std::chrono::minutes(60), {}}), "Europe/Berlin (UTC+01:00)");
    EXPECT_EQ(zone_text({"America/St_Johns", std::chrono::minutes(-210), {}}), "America/St_Johns (UTC-03:30)");
    EXPECT_EQ(zone_text({"UTC", {}, {}}), "UTC (UTC+00:00)");
}

}  // namespace
}  // namespace sb::platform
