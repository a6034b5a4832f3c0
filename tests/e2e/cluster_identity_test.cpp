// The built programs and which cluster it is: another one behind the same address, one that does not tell, and one that
// is being updated.

#include "tests/e2e/schedule_fixture.hpp"

#include <fstream>
#include <iterator>

namespace sb::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto second_cluster = R"({"uuid":"22222222-2222-4222-8222-222222222222","clusterName":"hc-2"})";

json::Document manifest_of(ScheduleFixture const& fixture, std::string const& backup) {
    std::ifstream file(fixture.share / backup / "scale-backup.json");
    return json::Document::parse(std::string{std::istreambuf_iterator<char>(file), {}}).value();
}

std::vector<std::string> conditions(ScheduleFixture const& fixture) {
    std::vector<std::string> kinds;
    auto const status = fixture.daemon.ctl_json({"status"});
    for (auto const& one : status.root()["conditions"].elements()) kinds.push_back(one["kind"].text());
    return kinds;
}

std::string cluster_uuid(ScheduleFixture const& fixture) {
    return fixture.daemon.ctl_json({"status"}).root()["cluster"]["uuid"].text();
}

TEST(ClusterIdentity, CopiesOfAClusterThatWasReplacedAtTheSameAddressAreKeptAndCounted) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\n")});
    fixture.ended_run();
    auto const first = fixture.only_backup_of("A");
    auto const uuid = cluster_uuid(fixture);
    EXPECT_EQ(uuid.size(), 36u);
    EXPECT_EQ(manifest_of(fixture, first).root()["cluster_uuid"].text(), uuid);

    fixture.simulator.request("POST", "/sim/cluster", second_cluster);
    EXPECT_THAT(fixture.daemon.ctl({"reload"}), EndedWith(0, ""));
    ASSERT_TRUE(wait_until([&] { return cluster_uuid(fixture) != uuid; })) << fixture.daemon.log();
    fixture.ended_run(2);  // the VM of the same uuid has no copy of this cluster
    EXPECT_EQ(fixture.backups().size(), 2u);
    EXPECT_THAT(fixture.names_of_backups(), Contains(first));
    auto const counted = [&] {
        return fixture.daemon.ctl_json({"status"}).root()["backups"]["other_clusters_count"].unsigned_integer();
    };
    EXPECT_TRUE(wait_until([&] { return counted() == 1u; }));
    EXPECT_THAT(fixture.daemon.ctl({"status"}).out, HasSubstr("1 of other clusters"));
    EXPECT_THAT(fixture.daemon.ctl({"prune", "--dry-run"}).out, HasSubstr("another cluster"));
    EXPECT_THAT(fixture.daemon.ctl({"restore", first, "A again"}), EndedWith(0, ""));
}

TEST(ClusterIdentity, AClusterThatRefusesToTellIsBackedUpAndStatusSaysSo) {
    ScheduleFixture fixture({.vms = {"A"},
                             .schedule = always_open(),
                             .faults = R"([{"kind":"forbidden","match":{"call":"cluster_list"}}])"});
    fixture.ended_run();
    auto const backup = fixture.only_backup_of("A");
    EXPECT_EQ(manifest_of(fixture, backup).root()["cluster_uuid"].text(), "");
    EXPECT_THAT(conditions(fixture), Contains("cluster_identity_unknown"));
}

TEST(ClusterIdentity, NothingIsOrderedDuringAnUpdate) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open(), .start_daemon = false});
    fixture.simulator.request("POST", "/sim/update", R"({"phase":"apply","percent":40})");
    fixture.daemon.start();
    ASSERT_TRUE(wait_until([&] {
        auto const all = conditions(fixture);
        return std::ranges::find(all, "cluster_updating") != all.end();
    })) << fixture.daemon.log();
    EXPECT_THAT(fixture.daemon.ctl({"backup", "A", "during"}), EndedWith(4, "being updated"));
    EXPECT_EQ(fixture.exports(), 0u);
    fixture.simulator.request("POST", "/sim/update", R"({"phase":"complete"})");
    EXPECT_THAT(fixture.daemon.ctl({"reload"}), EndedWith(0, ""));
    EXPECT_TRUE(fixture.wait_for_exports(1)) << fixture.daemon.log();
    EXPECT_THAT(conditions(fixture), Not(Contains("cluster_updating")));
}

}  // namespace
}  // namespace sb::test
