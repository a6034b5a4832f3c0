#include "daemon/app/logging.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace sb::app {
namespace {

TEST(LogLine, AnOrdinaryMessageStaysAsItIs) {
    for (std::string const text : {"the backup of 'Größe 文件 1' took 3 min", "a\tb", ""})
        EXPECT_EQ(log_line(text), text);
}

TEST(LogLine, ANameForgesNeitherALineNorACommandOfTheTerminal) {
    EXPECT_EQ(log_line("a\nb"), "a\\nb");
    EXPECT_EQ(log_line("a\r\x1b[2J\x7f"
                       "b"),
              "a??[2J?b");
    EXPECT_EQ(log_line("C1: \xC2\x9B"
                       "2J"),
              "C1: ?2J")
        << "CSI as one character";
    EXPECT_EQ(log_line("\xC2\x85|\xE2\x80\xA8|\xE2\x80\xA9"), "?|?|?") << "line ends of Unicode";
    EXPECT_EQ(log_line("a\xE2\x80\xAEtxt"), "a?txt") << "the rest would be shown backwards";
    EXPECT_EQ(log_line("\x9B"
                       "2J \xC3"),
              "\xEF\xBF\xBD"
              "2J \xEF\xBF\xBD")
        << "not UTF-8";
}

class LogFile : public testing::Test {
protected:
    void TearDown() override {
        spdlog::set_default_logger(before_);
        ::umask(mask_);
    }
    mode_t mode() const {
        struct stat about {};
        return ::stat(file_.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
    }
    test::TempDir folder_;
    std::filesystem::path file_ = folder_ / "log";
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
    mode_t mask_ = ::umask(0);
};

TEST_F(LogFile, IsReadableForTheGroupAndNoOtherUser) {
    config::Daemon settings;
    settings.log_file = file_;
    ASSERT_TRUE(set_up_logging(settings));
    EXPECT_EQ(mode(), 0640U);
    spdlog::info("a\nb");
    EXPECT_THAT(test::read_file(file_), testing::EndsWith(" info a\\nb\n"));
}

TEST_F(LogFile, KeepsItsModeWhenItIsOpenedAgain) {
    config::Daemon settings;
    settings.log_file = file_;
    ASSERT_TRUE(set_up_logging(settings));
    ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);
    ASSERT_TRUE(set_up_logging(settings));
    EXPECT_EQ(mode(), 0600U);
}

TEST_F(LogFile, ThatCannotBeOpenedIsAnError) {
    config::Daemon settings;
    std::ofstream(folder_ / "file") << "no folder";
    settings.log_file = folder_ / "file" / "log";
    auto const opened = set_up_logging(settings);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::io);
}

}  // namespace
}  // namespace sb::app
