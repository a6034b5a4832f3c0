// The predecessor's files in the predecessor's places: used as they are, unless another user could have put them there.
#include "common/config/config_file.hpp"
#include "common/config/file_access.hpp"
#include "tests/unit/config/config_texts.hpp"
#include "tests/unit/config/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

using namespace sb::config;
using namespace sb::config::testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using std::filesystem::perms;

namespace {

std::optional<std::string> nothing_set(std::string const&) { return std::nullopt; }

/// A folder that belongs to this process alone, below folders that do too or belong to root.
class PredecessorsFile : public ::testing::Test {
protected:
    std::filesystem::path write(std::string const& name) {
        auto const file = folder_.write(name, "");
        std::filesystem::permissions(file, perms::owner_read | perms::owner_write);
        return file;
    }

    TemporaryFolder folder_;
};

}  // namespace

TEST_F(PredecessorsFile, IsUsedWhereItIsIfThereIsNoOther) {
    auto const file = write(".scale-backup.toml");
    auto const found =
        find_config_file(std::nullopt, nothing_set, {{"/nowhere/config.toml"}, {folder_.path() / "none", file}});
    ASSERT_TRUE(found) << found.error().context;
    EXPECT_EQ(found->path, file);
    EXPECT_THAT(found->notes, ElementsAre(AllOf(HasSubstr("predecessor"), HasSubstr(file.string()),
                                                HasSubstr("/nowhere/config.toml"))));
}

TEST_F(PredecessorsFile, YieldsToANewConfigurationAndIsNamed) {
    auto const ours = write("config.toml");
    auto const file = write("scale-backup.toml");
    auto const found = find_config_file(std::nullopt, nothing_set, {{ours}, {file}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->path, ours);
    EXPECT_THAT(found->notes, ElementsAre(AllOf(HasSubstr(file.string()), HasSubstr("skipped"))));
}

TEST_F(PredecessorsFile, TheFirstOfSeveralIsUsedAndTheOthersAreNamed) {
    auto const first = write("a.toml");
    auto const second = write("b.toml");
    auto const found = search_predecessor({first, second});
    EXPECT_EQ(found.taken, first);
    EXPECT_THAT(found.notes, ElementsAre(AllOf(HasSubstr(second.string()), HasSubstr("takes precedence"))));
}

TEST_F(PredecessorsFile, ThatOthersCanChangeIsSkippedWithTheCommandThatFixesIt) {
    for (auto const open : {perms::group_write, perms::others_write}) {
        auto const file = write("scale-backup.toml");
        std::filesystem::permissions(file, open, std::filesystem::perm_options::add);
        auto const found = find_config_file(std::nullopt, nothing_set, {{"/nowhere/config.toml"}, {file}});
        ASSERT_FALSE(found);
        EXPECT_THAT(found.error().context,
                    AllOf(HasSubstr("chmod go-w"), HasSubstr(file.string()), HasSubstr("--config")));
    }
}

TEST_F(PredecessorsFile, InAFolderThatOthersCanWriteToIsSkipped) {
    auto const file = write("scale-backup.toml");
    for (auto const sticky : {perms::none, perms::sticky_bit}) {  // in /tmp too, any user may create the file first
        std::filesystem::permissions(folder_.path(), perms::all | sticky);
        EXPECT_THAT(who_else_may_change(file).value_or(""), HasSubstr("other users can create files"));
    }
    std::filesystem::permissions(folder_.path(), perms::owner_all);
    EXPECT_EQ(who_else_may_change(file).value_or(""), "");
}

TEST_F(PredecessorsFile, BelowAFolderThatOthersCanWriteToIsSkipped) {
    auto const below = folder_.path() / "below";
    std::filesystem::create_directory(below);
    std::filesystem::permissions(below, perms::owner_all);
    auto const file = write("below/scale-backup.toml");
    std::filesystem::permissions(folder_.path(), perms::all);
    EXPECT_THAT(who_else_may_change(file).value_or(""), HasSubstr(folder_.path().filename().string()));
    std::filesystem::permissions(folder_.path(), perms::owner_all);
}

TEST_F(PredecessorsFile, ThatIsASymbolicLinkIsSkipped) {
    auto const file = write("real.toml");
    auto const link = folder_.path() / "scale-backup.toml";
    std::filesystem::create_symlink(file, link);
    EXPECT_THAT(who_else_may_change(link).value_or(""), HasSubstr("link"));
    std::filesystem::create_symlink(folder_.path() / "nothing", folder_.path() / "dangling");
    EXPECT_THAT(search_predecessor({folder_.path() / "dangling"}).notes, ElementsAre(HasSubstr("link")));
}

TEST_F(PredecessorsFile, OfAnotherUserIsSkipped) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    auto const file = write("scale-backup.toml");
    ASSERT_EQ(::chown(file.c_str(), 12345, 12345), 0);
    EXPECT_THAT(who_else_may_change(file).value_or(""), HasSubstr("belongs to another user"));
}

TEST(PredecessorsPlaces, AreTheFolderOfTheStartTheHomeAndTheSystems) {
    auto const home = [](std::string const& name) {
        return name == "HOME" ? std::optional<std::string>("/home/ada") : std::nullopt;
    };
    auto const here = std::filesystem::current_path() / "scale-backup.toml";
    EXPECT_THAT(predecessor_places(home), ElementsAre(here, "/home/ada/.scale-backup.toml", "/etc/scale-backup.toml"));
    EXPECT_THAT(predecessor_places(nothing_set), ElementsAre(here, "/etc/scale-backup.toml"));
}

// ---- [Debug] --------------------------------------------------------------------------------------

TEST(PredecessorsDebugSection, ItsLogFileIsUsedAndRedactionIsAlwaysOn) {
    auto const loaded =
        parse(complete() + "[Debug]\nLogFile = '/var/log/scale-backup.log'\nRedactPasswords = false\n", "t");
    EXPECT_EQ(render_problems(loaded.problems), "");
    EXPECT_EQ(loaded.config.daemon.log_file, "/var/log/scale-backup.log");
    EXPECT_THAT(render_problems(loaded.warnings),
                AllOf(HasSubstr("Debug.LogFile: note: used as [Daemon] LogFile"), HasSubstr("never logged")));
}

TEST(PredecessorsDebugSection, YieldsToTheDaemonsLogFileAndIgnoresARelativePath) {
    auto const both = parse(complete() + "[Daemon]\nLogFile = '/a.log'\n[Debug]\nLogFile = '/b.log'\n", "t");
    EXPECT_EQ(both.config.daemon.log_file, "/a.log");
    EXPECT_THAT(render_problems(both.warnings), HasSubstr("ignored: [Daemon] LogFile is set"));
    auto const relative = parse(complete() + "[Debug]\nLogFile = 'debug.log'\n", "t");
    EXPECT_EQ(render_problems(relative.problems), "");
    EXPECT_EQ(relative.config.daemon.log_file, "");
    EXPECT_THAT(render_problems(relative.warnings), HasSubstr("ignored: it is not an absolute path"));
}

TEST(PredecessorsDebugSection, EmptyOrAbsentChangesNothing) {
    EXPECT_THAT(parse(complete() + "[Debug]\n", "t").warnings, IsEmpty());
    EXPECT_EQ(parse(complete() + "[Debug]\nLogFile = ''\n", "t").config.daemon.log_file, "");
}
