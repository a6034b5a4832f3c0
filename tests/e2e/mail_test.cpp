// Alerts with a real mail server, a silent one, and none.

#include "tests/e2e/mail_server.hpp"
#include "tests/e2e/schedule_fixture.hpp"

namespace sb::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(Mail, NotifyTestSendsOne) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails;
    ScheduleFixture fixture({.schedule = window_text(120min, 240min), .more = mails.config()});
    EXPECT_THAT(fixture.daemon.ctl({"notify-test"}), EndedWith(0, "ops@example.org"));
    EXPECT_THAT(mails.mail(1), HasSubstr("To: ops@example.org"));
    EXPECT_THAT(mails.mail(1), HasSubstr("From: backups@example.org"));
    EXPECT_EQ(mails.count(), 1);
}

TEST(Mail, NotifyTestReportsTheProblem) {
    ScheduleFixture fixture({.schedule = window_text(120min, 240min)});
    EXPECT_THAT(fixture.daemon.ctl({"notify-test"}), EndedWith(78, "SMTP"));
    fixture.daemon.stop();
    fixture.daemon.settings.more += "[SMTP]\nHost = '127.0.0.1'\nPort = " + std::to_string(free_port()) +
                                    "\nFrom = 'backups@example.org'\nTo = 'ops@example.org'\n";
    fixture.daemon.start();
    auto const refused = fixture.daemon.ctl({"notify-test"});
    EXPECT_EQ(refused.code, 1) << refused.out << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("127.0.0.1"));
}

TEST(Mail, ASilentServerDelaysNoRun) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails("silent");
    ScheduleFixture fixture({.vms = {"BAD", "GOOD", "OTHER"},
                             .schedule = window_text(-60min, 3min),
                             .more = mails.config(),
                             .faults = failing_export("BAD", "Disk read error")});
    auto const first = fixture.ended_run();
    EXPECT_EQ(first.root()["succeeded"].integer(), 2) << first.root().dump();
    ASSERT_TRUE(mails.wait_for("connected"));
    // While that mail hangs, the daemon works, responds and stops as usual.
    EXPECT_EQ(fixture.daemon.ctl({"backup", "GOOD", "by hand"}).code, 0);
    fixture.ask("schedule.start");
    fixture.ended_run(2);
    auto const before = std::chrono::steady_clock::now();
    EXPECT_EQ(fixture.daemon.stop(), 0) << fixture.daemon.log();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 8s);
}

TEST(Mail, AnAlertThatWaitsSurvivesARestart) {
    SB_NEEDS_MAIL_SERVER();
    MailServer silent("silent");
    ScheduleFixture fixture({.vms = {"BAD"},
                             .schedule = window_text(-60min, 3min),
                             .more = silent.config(),
                             .faults = failing_export("BAD", "Disk read error")});
    fixture.ended_run();
    ASSERT_TRUE(silent.wait_for("connected"));
    EXPECT_EQ(fixture.daemon.ctl({"pause"}).code, 0);  // no second run that would fail, too
    EXPECT_EQ(fixture.daemon.stop(), 0) << fixture.daemon.log();
    EXPECT_TRUE(std::filesystem::exists(fixture.daemon.state_dir() / "outbox.json"));
    MailServer mails;
    auto& more = fixture.daemon.settings.more;
    more.replace(more.find(silent.config()), silent.config().size(), mails.config());
    fixture.daemon.start();
    EXPECT_THAT(mails.mail(1), HasSubstr("BAD"));
    EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(fixture.daemon.state_dir() / "outbox.json"); }));
}

TEST(Mail, ASilentServerDoesNotBlockFilesDuringAHealthCheck) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails("silent");
    ScheduleFixture fixture({.vms = {"A"}});
    fixture.ended_run();
    fixture.daemon.stop();
    fixture.daemon.settings.more += mails.config();
    fixture.daemon.start();
    std::vector<std::unique_ptr<Process>> doctors;
    for (int i = 0; i < 3; ++i) doctors.push_back(fixture.daemon.start_ctl({"doctor"}));
    ASSERT_TRUE(mails.wait_for("connected"));
    auto const before = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(fixture.daemon.ctl({"show-backups"}).code, 0);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 8s);
    for (auto const& doctor : doctors) EXPECT_TRUE(doctor->running()) << "it waits only for the mail server";
    EXPECT_EQ(fixture.daemon.stop(), 0) << fixture.daemon.log();
}

}  // namespace
}  // namespace sb::test
