#include "simulator/app/options.hpp"

#include <gmock/gmock.h>

namespace sb::sim {
namespace {

TEST(Sizes, KnowTheirUnits) {
    EXPECT_EQ(*parse_size("4096"), 4096);
    EXPECT_EQ(*parse_size("64M"), 64LL << 20);
    EXPECT_EQ(*parse_size("2T"), 2LL << 40);
    for (char const* bad : {"", "M", "-1", "1X", "1MB", "1.5G"}) EXPECT_FALSE(parse_size(bad)) << bad;
}

Result<Options> read(std::vector<char const*> arguments) {
    arguments.insert(arguments.begin(), "hypercore-sim");
    return read_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, ReadAddressAndShares) {
    auto const options = read({"--listen", "[::1]:8443", "--map-share", "fs/Backups=/tmp/a=b"});
    ASSERT_TRUE(options) << options.error().context;
    EXPECT_EQ(options->address, "::1");
    EXPECT_EQ(options->port, 8443);
    EXPECT_EQ(options->transfer.share_map.at("fs/Backups"), "/tmp/a=b");
}

TEST(Options, ChooseTheClustersIdentity) {
    auto const options = read({"--cluster-uuid", "c-1", "--cluster-name", "hq"});
    ASSERT_TRUE(options) << options.error().context;
    EXPECT_EQ(options->cluster_uuid, "c-1");
    EXPECT_EQ(options->cluster_name, "hq");
    EXPECT_EQ(read({})->cluster_uuid, "");
}

TEST(Options, RefuseNonsense) {
    EXPECT_FALSE(read({"--listen", "here"}));
    EXPECT_FALSE(read({"--map-share", "nowhere"}));
    EXPECT_FALSE(read({"--time-scale", "0"}));
    EXPECT_FALSE(read({"--unknown"}));
}

TEST(Options, EveryOneIsOnOneOfTheTwoPagesExceptTheInternalOne) {
    auto const pages = read({"--help"})->help + read({"--help-behaviour"})->help;
    for (auto const* const option :
         {"--listen", "--map-share", "--quiet", "--export-seconds", "--smb-errors-fail-post", "--help-behaviour"})
        EXPECT_THAT(pages, testing::HasSubstr(option));
    EXPECT_THAT(pages, testing::Not(testing::HasSubstr("transfer-worker")));
    EXPECT_TRUE(read({"--transfer-worker"})->transfer_worker);
}

}  // namespace
}  // namespace sb::sim
