// metrics with the built programs: the input of a textfile collector, with and without failures.

#include "tests/e2e/schedule_fixture.hpp"
#include "tests/support/python.hpp"

namespace sb::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, DescribeTheVmsTheBackupsAndTheDaemon) {
    ScheduleFixture fixture({.vms = {"ALPHA", "web \"1\""}, .schedule = always_open()});
    fixture.ended_run();
    auto const name = fixture.only_backup_of("ALPHA");
    ASSERT_EQ(fixture.daemon.ctl({"verify", name}).code, 0);
    auto const metrics = fixture.daemon.ctl({"metrics"});
    EXPECT_EQ(metrics.code, 0) << metrics.err;
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

TEST(Metrics, AreReadByPrometheusOwnParser) {
    auto const python = python_with("prometheus_client");
    if (!python) GTEST_SKIP() << "needs python3-prometheus-client";
    ScheduleFixture fixture({.vms = {"ALPHA", "web \"1\""}, .schedule = always_open()});
    fixture.ended_run();
    ASSERT_EQ(fixture.daemon.ctl({"verify", fixture.only_backup_of("ALPHA")}).code, 0);
    auto const metrics = fixture.daemon.ctl({"metrics"});
    ASSERT_EQ(metrics.code, 0) << metrics.err;
    // A family that has no type, or that comes in two parts, is a mistake that the parser itself accepts.
    auto const script = R"(
import sys
from prometheus_client.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
names = [family.name for family in families]
assert len(names) > 10, names
assert len(names) == len(set(names)), names
assert all(family.type != "unknown" and family.documentation and family.samples for family in families), families
assert any(sample.labels.get("vm") == 'web "1"' for family in families for sample in family.samples)
)";
    auto const read = run({.argv = {*python, "-c", script}, .input = metrics.out});
    EXPECT_EQ(read.code, 0) << read.err << metrics.out;
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

TEST(Metrics, GoToStdoutThroughItsDevice) {
    ScheduleFixture fixture({.vms = {"ALPHA"}, .schedule = always_open()});
    // Through links of the fixture, so that a mistake of the program cannot damage /dev.
    auto const link = fixture.dir / "stdout";
    std::filesystem::create_symlink("/dev/stdout", link);
    auto const printed = fixture.daemon.ctl({"metrics", "--output", link.string()});
    EXPECT_EQ(printed.code, 0) << printed.err;
    EXPECT_THAT(printed.out, HasSubstr("scale_backup_up 1\n"));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
}

}  // namespace
}  // namespace sb::test
