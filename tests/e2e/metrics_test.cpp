// metrics with the built programs: the input of a textfile collector, with and without failures.

#include "tests/e2e/schedule_fixture.hpp"

namespace sb::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Checks the output with promtool, if it is installed.
void expect_good_style(std::string const& text) {
    if (!find_program("promtool")) return;
    auto const checked = run({.argv = {"promtool", "check", "metrics"}, .input = text});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err << text;
}

TEST(Metrics, DescribeTheVmsTheBackupsAndTheDaemon) {
    ScheduleFixture fixture({.vms = {"ALPHA", "web \"1\""}, .schedule = always_open()});
    fixture.ended_run();
    auto const name = fixture.only_backup_of("ALPHA");
    ASSERT_EQ(fixture.daemon.ctl({"verify", name}).code, 0);
    auto const metrics = fixture.daemon.ctl({"metrics"});
    EXPECT_EQ(metrics.code, 0) << metrics.err;
    expect_good_style(metrics.out);
    auto const labels = "{vm=\"ALPHA\",vm_uuid=\"" + fixture.vm_uuid("ALPHA") + "\"} ";
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_up 1\n"));
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_cluster_up 1\n"));
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_window_open 1\n"));
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_backups{state=\"complete\"} 2\n"));
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_rpo_breach" + labels + "0\n"));
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_last_success_timestamp_seconds" + labels));
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_last_verified_timestamp_seconds" + labels));
    EXPECT_THAT(metrics.out, HasSubstr("scale_backup_due_timestamp_seconds{vm=\"web \\\"1\\\"\","));
}

TEST(Metrics, ContinueWithoutTheClusterOrTheDaemon) {
    ScheduleFixture fixture({.vms = {"ALPHA"}, .schedule = always_open()});
    fixture.ended_run();
    auto const file = fixture.dir / "scale-backup.prom";
    fixture.simulator.faults(R"([{"kind":"status","status":503,"match":{"call":"vm_list"}}])");
    EXPECT_TRUE(wait_until([&] {
        EXPECT_EQ(fixture.daemon.ctl({"metrics", "--output", file.string()}).code, 0);
        return read_file(file).find("scale_backup_cluster_up 0\n") != std::string::npos;
    }));
    EXPECT_THAT(read_file(file), HasSubstr("scale_backup_last_success_timestamp_seconds{vm=\"ALPHA\""));
    EXPECT_THAT(read_file(file), Not(HasSubstr("rpo_breach")));
    fixture.daemon.stop();
    EXPECT_EQ(fixture.daemon.ctl({"metrics", "--output", file.string()}).code, 5);
    EXPECT_THAT(read_file(file), HasSubstr("scale_backup_up 0\n"));
    EXPECT_THAT(read_file(file), Not(HasSubstr("cluster_up")));
}

}  // namespace
}  // namespace sb::test
