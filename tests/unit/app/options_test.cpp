#include "daemon/app/options.hpp"

#include "common/config/defaults.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace sb::app {
namespace {

using testing::HasSubstr;

Result<Options> parsed(std::initializer_list<char const*> words) {
    std::vector<char const*> argv{"scale-backupd"};
    argv.insert(argv.end(), words);
    return parse_options(static_cast<int>(argv.size()), argv.data());
}

TEST(DaemonOptions, AreTaken) {
    auto const options = parsed({"--config", "/c", "--socket=/s", "--check-config"});
    ASSERT_TRUE(options) << options.error().context;
    EXPECT_EQ(options->config, "/c");
    EXPECT_EQ(options->socket, "/s");
    EXPECT_TRUE(options->check_config);
    EXPECT_FALSE(options->state_dir);
}

TEST(DaemonOptions, MustNotBeEmpty) {
    for (std::string const name : {"--config", "--socket", "--state-dir", "--log-level"}) {
        auto const options = parsed({name.c_str(), ""});
        ASSERT_FALSE(options) << name;
        EXPECT_THAT(options.error().context, HasSubstr(name));
    }
}

TEST(DaemonOptions, ASocketMustFitIntoAnAddress) {
    auto const longest = config::system_defaults().max_socket_path;
    auto const fits = '/' + std::string(longest - 1, 'x');
    EXPECT_TRUE(parsed({"--socket", fits.c_str()}));
    auto const options = parsed({"--check-config", "--socket", (fits + 'x').c_str()});
    ASSERT_FALSE(options);
    EXPECT_THAT(options.error().context, HasSubstr("--socket: this system allows at most"));
}

}  // namespace
}  // namespace sb::app
