#include "common/config/config_file.hpp"

#include "common/config/defaults.hpp"
#include "tests/unit/config/temporary_folder.hpp"

#include <gmock/gmock.h>

using namespace sb::config;
using sb::config::testing::TemporaryFolder;
using ::testing::HasSubstr;

namespace {

EnvironmentLookup environment(std::optional<std::string> value) {
    return [value](std::string const& name) { return name == "SCALE_BACKUP_CONFIG" ? value : std::nullopt; };
}

}  // namespace

TEST(ConfigFile, TheCommandLineComesFirstThenTheEnvironmentThenTheSystem) {
    TemporaryFolder folder;
    auto const there = folder.write("config.toml", "");
    ConfigPlaces const places{{folder.path() / "none.toml", there}, {}};
    EXPECT_EQ(find_config_file("/a.toml", environment("/b.toml"), places)->path, "/a.toml");
    EXPECT_EQ(find_config_file(std::nullopt, environment("/b.toml"), places)->path, "/b.toml");
    EXPECT_EQ(find_config_file(std::nullopt, environment(""), places)->path, there);
    EXPECT_EQ(find_config_file(std::nullopt, environment(std::nullopt), places)->path, there);
}

TEST(ConfigFile, NamesThePlacesItSearched) {
    auto const none =
        find_config_file(std::nullopt, environment(std::nullopt), {{"/nowhere/a.toml", "/nowhere/b.toml"}, {}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, sb::Errc::invalid_config);
    EXPECT_THAT(none.error().context, HasSubstr("searched /nowhere/a.toml, /nowhere/b.toml"));
    EXPECT_THAT(none.error().context, HasSubstr("--config"));
}

TEST(ConfigFile, TheSystemHasDefaults) {
    auto const system = system_defaults();
    EXPECT_TRUE(system.socket.is_absolute());
    EXPECT_TRUE(system.state_dir.is_absolute());
    ASSERT_FALSE(system.config_files.empty());
    EXPECT_LE(system.socket.string().size(), system.max_socket_path);
}
