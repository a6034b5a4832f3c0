#include "daemon/app/mail_alerts.hpp"

#include "tests/support/rule_zone.hpp"
#include "tests/unit/app/fake_mail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

core::Job failed_job(std::string const& vm, std::string const& reason) {
    core::Job job;
    job.vm_name = vm;
    job.backup = "nightly " + vm;
    job.outcome = core::Outcome::failed;
    job.error = Error{Errc::io, reason};
    return job;
}

struct MailAlerts : testing::Test {
    RuleZone zone = utc();
    FakeMail mail;
    app::MailAlerts alerts{mail, zone, [] { return notify::Origin{"nas", "cluster.example"}; }};
    core::Run run;
};

TEST_F(MailAlerts, AGoodRunIsNotMailed) {
    run.succeeded = 3;
    alerts.run_ended(run, {});
    EXPECT_THAT(mail.posted, IsEmpty());
}

TEST_F(MailAlerts, AFailureIsNamedOnceInTheMailOfItsRun) {
    run.problems = {"FILE01: disk full", "clean-up: nothing was deleted"};
    alerts.run_ended(run, {failed_job("FILE01", "disk full")});
    ASSERT_EQ(mail.posted.size(), 1u);
    auto const& body = mail.posted[0].body;
    EXPECT_THAT(body, HasSubstr("clean-up: nothing was deleted"));
    EXPECT_EQ(body.find("FILE01: disk full"), body.rfind("FILE01: disk full"));
}

TEST_F(MailAlerts, VmsThatAWindowDidNotReachAreMailedAlthoughNothingFailed) {
    run.succeeded = 1;
    run.not_reached = {"DB02", "WEB01"};
    alerts.run_ended(run, {});
    ASSERT_EQ(mail.posted.size(), 1u);
    EXPECT_THAT(mail.posted[0].body, testing::AllOf(HasSubstr("DB02"), HasSubstr("WEB01")));
}

TEST_F(MailAlerts, EveryRunIsMailedWhateverTheLastOneSaid) {
    run.problems = {"clean-up: nothing was deleted"};
    alerts.run_ended(run, {});
    EXPECT_EQ(mail.posted.at(0).cause, "");
}

TEST_F(MailAlerts, ANewListOfLateVmsEndsTheOldOne) {
    core::Behind const one{VmUuid{"uuid-1"}, "FILE01", std::nullopt, UtcTime{}};
    core::Behind const two{VmUuid{"uuid-2"}, "WEB01", std::nullopt, UtcTime{}};
    alerts.behind_schedule({one});
    alerts.behind_schedule({one});
    EXPECT_THAT(mail.resolved, IsEmpty());
    alerts.behind_schedule({one, two});
    EXPECT_THAT(mail.resolved, testing::ElementsAre(mail.posted.at(0).cause));
    alerts.behind_schedule({});
    EXPECT_EQ(mail.resolved.size(), 2u);
    EXPECT_EQ(mail.posted.size(), 3u);  // the queue drops a second mail with the same cause
}

TEST_F(MailAlerts, DamageAndABackupThatCannotBeReadAreDifferentCauses) {
    auto job = failed_job("FILE01", "input/output error");
    alerts.verification_failed(job, "");
    job.error->code = Errc::damaged_backup;
    alerts.verification_failed(job, "");
    ASSERT_EQ(mail.posted.size(), 2u);
    EXPECT_NE(mail.posted[0].cause, mail.posted[1].cause);
    alerts.verification_passed(job.backup);
    EXPECT_THAT(mail.resolved, testing::UnorderedElementsAre(mail.posted[0].cause, mail.posted[1].cause));
}

TEST_F(MailAlerts, AScheduleThatWorksEndsEveryBlock) {
    alerts.schedule_blocked(ports::Blocked::cluster, "no route");
    alerts.schedule_blocked(ports::Blocked::storage, "LocalPath is gone");
    alerts.schedule_unblocked();
    for (auto const& message : mail.posted) EXPECT_THAT(mail.resolved, testing::Contains(message.cause));
}

}  // namespace
}  // namespace sb::test
