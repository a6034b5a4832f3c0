#include "daemon/doctor/evaluate.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace sb::test {
namespace {

using namespace sb::doctor;
using testing::HasSubstr;

Finding const& about(Findings const& findings, std::string const& subject) {
    static Finding const none{"", Verdict::good, "there is no such finding", "", Errc::internal};
    auto const found =
        std::ranges::find_if(findings, [&](Finding const& f) { return f.subject.find(subject) != std::string::npos; });
    return found == findings.end() ? none : *found;
}

LocalFacts healthy_machine() {
    LocalFacts facts;
    facts.state_dir = "/var/lib/scale-backup";
    facts.local_path = "/mnt/backups";
    facts.space = ports::Space{500ULL << 30, 1000ULL << 30};
    facts.largest_backup = 100ULL << 30;
    facts.hooks = {{"PreBackup", "/opt/hook", true, true, false}};
    return facts;
}

NodeFacts healthy_node() {
    return {"10.0.0.5", std::size_t{12}, Milliseconds{1000}, Rights{{"Backup"}, {"Cluster Read", "Backup"}},
            "backup-user"};
}

bool all_good(Findings const& findings) {
    return std::ranges::all_of(findings, [](Finding const& f) { return f.verdict == Verdict::good; });
}

TEST(Doctor, ReportsNothingToDoOnAHealthySystem) {
    EXPECT_TRUE(all_good(evaluate_local(healthy_machine())));
    EXPECT_TRUE(all_good(evaluate_node(healthy_node())));
    EXPECT_EQ(worst(evaluate_local(healthy_machine())), std::nullopt);
}

TEST(Doctor, AMissingGroupAndALogFileThatIsAFolderAreConfigurationErrors) {
    auto machine = healthy_machine();
    machine.groups = {{"Daemon.SocketGroup", "staff", Result<void>()}};
    EXPECT_TRUE(all_good(evaluate_local(machine)));
    machine.groups.push_back({"Daemon.SocketReadGroup", "x", Error{Errc::invalid_config, "there is no group 'x'"}});
    EXPECT_EQ(about(evaluate_local(machine), "Daemon.SocketReadGroup").verdict, Verdict::bad);
    EXPECT_EQ(worst(evaluate_local(machine)), Errc::invalid_config);
    machine.groups.clear();
    machine.log_file = "/var/log";
    machine.log_file_is_folder = true;
    EXPECT_THAT(about(evaluate_local(machine), "log file").message,
                HasSubstr("Daemon.LogFile: '/var/log' is a folder"));
    EXPECT_EQ(worst(evaluate_local(machine)), Errc::invalid_config);
}

TEST(Doctor, AReadersSocketThatEveryUserCanConnectToIsAWarning) {
    auto machine = healthy_machine();
    machine.open_readers_socket = "/run/scale-backup/control-read.sock";
    auto const finding = about(evaluate_local(machine), "readers' socket");
    EXPECT_EQ(finding.verdict, Verdict::warning);
    EXPECT_THAT(finding.message, HasSubstr("/run/scale-backup/control-read.sock"));
    EXPECT_THAT(finding.remedy, HasSubstr("SupplementaryGroups="));
}

TEST(Doctor, EveryProblemHasARemedy) {
    auto machine = healthy_machine();
    machine.state_dir_writable = Error{Errc::io, "writing in '/var': Permission denied"};
    machine.local_path_writable = Error{Errc::not_found, "writing in '/mnt': No such file or directory"};
    machine.space = Error{Errc::not_found, "no such file"};
    machine.hooks = {{"PreBackup", "/opt/a", false, false, false},
                     {"PostBackup", "/opt/b c", true, false, false},
                     {"PreRestore", "/opt/c", true, true, true}};
    machine.groups = {{"Daemon.SocketGroup", "x", Error{Errc::invalid_config, "there is no group 'x'"}}};
    machine.log_file_is_folder = true;
    auto node = healthy_node();
    node.ahead = Milliseconds{-600'000};
    node.rights = Rights{{"Admin"}, {"*"}};
    auto findings = evaluate_local(machine);
    Findings const a_name{evaluate_name({"SMB.Host", "x", Error{Errc::unreachable, "no"}})};
    for (auto const& more : {evaluate_node(node), evaluate_schedule({}), Findings{evaluate_mail({})}, a_name})
        findings.insert(findings.end(), more.begin(), more.end());
    for (auto const& finding : findings) {
        if (finding.subject == "configuration" || finding.subject == "cluster 10.0.0.5")
            continue;  // these two are good
        EXPECT_NE(finding.verdict, Verdict::good) << finding.subject;
        EXPECT_NE(finding.remedy, "") << finding.subject;
    }
    EXPECT_THAT(about(findings, "hook PostBackup").remedy, HasSubstr("'/opt/b c'"));
}

TEST(Doctor, TooLittleSpaceForTheLargestBackupIsAnErrorAndLowSpaceIsAWarning) {
    auto facts = healthy_machine();
    facts.largest_backup = 600ULL << 30;
    EXPECT_EQ(about(evaluate_local(facts), "free space").code, Errc::no_space);
    facts.largest_backup = 1;
    facts.space = ports::Space{40ULL << 30, 1000ULL << 30};
    EXPECT_EQ(about(evaluate_local(facts), "free space").verdict, Verdict::warning);
}

TEST(Doctor, AWrongClockIsReportedWithItsDirection) {
    auto node = healthy_node();
    node.ahead = Milliseconds{600'000};
    EXPECT_THAT(about(evaluate_node(node), "clock").message, HasSubstr("ahead"));
    node.ahead = Milliseconds{-600'000};
    EXPECT_THAT(about(evaluate_node(node), "clock").message, HasSubstr("behind"));
    node.ahead = std::nullopt;
    EXPECT_EQ(about(evaluate_node(node), "clock").verdict, Verdict::unknown);
}

TEST(Doctor, MissingAndSurplusRolesAreBothReported) {
    auto node = healthy_node();
    node.rights = Rights{{"Read"}, {"Cluster Read"}};
    EXPECT_THAT(about(evaluate_node(node), "rights at the cluster").message,
                HasSubstr("none of them mentions exports"));
    node.rights = Rights{{"Admin"}, {"*"}};
    EXPECT_EQ(about(evaluate_node(node), "more rights than needed").verdict, Verdict::warning);
    node.rights = Rights{};
    EXPECT_THAT(about(evaluate_node(node), "rights at the cluster").message, HasSubstr("has no roles"));
    node.rights = Error{Errc::forbidden, "it answered 403"};
    EXPECT_EQ(about(evaluate_node(node), "rights at the cluster").verdict, Verdict::unknown)
        << "that alone is not an error";
}

TEST(Doctor, AShareWithAnotherFolderIsAnError) {
    ShareFacts facts{"ServerBackups", std::string("/mnt/other"), "/mnt/backups", std::nullopt};
    EXPECT_EQ(evaluate_share(facts).code, Errc::share_not_visible);
    facts.path_by_samba = std::string("/mnt/backups");
    EXPECT_EQ(evaluate_share(facts).verdict, Verdict::good);
}

TEST(Doctor, WithoutSambaAnExportInLocalPathConfirmsTheShare) {
    ShareFacts facts{"ServerBackups", Error{Errc::not_found, "no testparm"}, "/mnt/backups", std::nullopt};
    EXPECT_EQ(evaluate_share(facts).verdict, Verdict::unknown);
    facts.last_arrival = UtcTime{Milliseconds{1'700'000'000'000}};
    EXPECT_EQ(evaluate_share(facts).verdict, Verdict::good);
}

TEST(Doctor, TheWorstFindingGivesTheCodeInTheOrderOfRepair) {
    Findings findings{warning("a", "w", "r"), bad("b", {Errc::unreachable, "x"}, "r"),
                      bad("c", {Errc::credentials_refused, "x"}, "r"), bad("d", {Errc::pin_mismatch, "x"}, "r")};
    EXPECT_EQ(worst(findings), Errc::pin_mismatch);
    findings.pop_back();
    EXPECT_EQ(worst(findings), Errc::credentials_refused);
    findings.pop_back();
    EXPECT_EQ(worst(findings), Errc::unreachable);
    findings.pop_back();
    EXPECT_EQ(worst(findings), std::nullopt) << "a warning is not an error";
}

TEST(Doctor, AScheduleWithoutVmsIsAnErrorAndAPausedOneIsAWarning) {
    ScheduleFacts facts{true, false, "BackMeUp", true, {}};
    EXPECT_THAT(evaluate_schedule(facts).front().message, HasSubstr("BackMeUp"));
    EXPECT_EQ(evaluate_schedule(facts).front().verdict, Verdict::bad);
    EXPECT_EQ(evaluate_schedule({true, true, std::nullopt, std::nullopt, {}}).front().remedy, "scale-backupctl resume");
}

TEST(Doctor, NamesOfVmsAreShownOnOneLine) {
    ScheduleFacts const facts{true, false, std::nullopt, std::nullopt, {"DB\r\nWEB", "\x1b[2J"}};
    EXPECT_EQ(evaluate_schedule(facts).front().message, "behind schedule: DB WEB, \uFFFD[2J");
}

}  // namespace
}  // namespace sb::test
