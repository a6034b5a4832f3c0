// The schedule's commands that consist of one request and one reply.
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class Method>
FakeDaemon::Script answering(typename Method::Reply reply, std::string& params) {
    return [reply = std::move(reply), &params](FakePeer& peer) { params = peer.answer<Method>(reply); };
}

struct Asked {
    Ran ran;
    std::string params;
};

/// One command against a daemon that gives this answer.
template <class Method>
Asked ask_for(CommandWords const& command, typename Method::Reply reply, How how = {}) {
    Asked asked;
    FakeDaemon daemon({answering<Method>(std::move(reply), asked.params)});
    asked.ran = run_at(daemon.socket(), command, how);
    return asked;
}

How const json{.json = true};

TEST(ScheduleCommands, ReportAnUnreachableDaemonAndItsRefusals) {
    std::vector<CommandWords> const all{{"schedule"},     {"runs"},        {"show-queue"},     {"why", "x"},
                                        {"plan"},         {"pause"},       {"prune"},          {"prune", "--dry-run"},
                                        {"protect", "x"}, {"notify-test"}, {"clock", "accept"}};
    for (auto const& command : all) {
        FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::not_permitted, "you may not"}); }});
        EXPECT_EQ(run_at(daemon.socket() + ".absent", command).code, 5);
        auto const ran = run_at(daemon.socket(), command);
        EXPECT_EQ(ran.code, 6);
        EXPECT_EQ(ran.err, "scale-backupctl: you may not\n");
        EXPECT_EQ(ran.out, "");
    }
}

TEST(ShowQueue, WithJsonIsTheContractsArray) {
    rpc::QueueEntry never{"A", "u1", std::nullopt, std::nullopt, "the window is closed"};
    rpc::QueueEntry once{"B", "u2", noon, 7, "it is not due"};
    auto const asked = ask_for<rpc::ShowQueue>({"show-queue"}, {{never, once}}, json);
    EXPECT_EQ(asked.ran.code, 0);
    EXPECT_EQ(asked.ran.err, "");
    auto const document = json::Document::parse(asked.ran.out);
    ASSERT_TRUE(document) << asked.ran.out;
    auto const root = document->root();
    ASSERT_EQ(root.size(), 2u);
    std::vector<std::string> keys;
    for (auto const& [key, value] : root.at(0).members()) keys.emplace_back(key);
    EXPECT_EQ(keys, (std::vector<std::string>{"vm", "vm_uuid", "due", "last_backup", "age_seconds", "reason", "due_at",
                                              "behind"}));
    EXPECT_EQ(root.at(0)["due"].boolean(), false);
    EXPECT_TRUE(root.at(0)["last_backup"].is_null());
    EXPECT_TRUE(root.at(0)["age_seconds"].is_null());
    EXPECT_EQ(parse_rfc3339(root.at(1)["last_backup"].text()).value(), noon);
    EXPECT_EQ(root.at(1)["age_seconds"].integer(), 7);
}

TEST(ShowQueue, KeepsTheDaemonsOrder) {
    rpc::QueueEntry b{"B", "u", std::nullopt, std::nullopt, "x"};
    auto a = b;
    a.vm = "A";
    auto const asked = ask_for<rpc::ShowQueue>({"show-queue"}, {{b, a}});
    EXPECT_LT(asked.ran.out.find("\nB "), asked.ran.out.find("\nA "));
    EXPECT_THAT(ask_for<rpc::ShowQueue>({"show-queue"}, {}).ran.err, HasSubstr("no VM"));
}

TEST(Runs, AsksForAsManyAsWanted) {
    auto const asked = ask_for<rpc::ListRuns>({"runs", "--limit", "3"}, {{failed_run()}});
    EXPECT_EQ(asked.params, R"({"limit":3})");
    EXPECT_THAT(asked.ran.out, HasSubstr("no space left"));
    auto const document = json::Document::parse(ask_for<rpc::ListRuns>({"runs"}, {{failed_run()}}, json).ran.out);
    EXPECT_EQ(document->root().at(0)["failed"].integer(), 1);
    EXPECT_THAT(ask_for<rpc::ListRuns>({"runs"}, {}).ran.err, HasSubstr("not run yet"));
}

TEST(Why, PrintsTheSentencesOneALine) {
    auto const asked = ask_for<rpc::ExplainVm>({"why", "FILE01"}, {"FILE01", "u", {"One.", "Two."}});
    EXPECT_EQ(asked.params, R"({"vm":"FILE01"})");
    EXPECT_EQ(asked.ran.out, "One.\nTwo.\n");
    auto const document =
        json::Document::parse(ask_for<rpc::ExplainVm>({"why", "FILE01"}, {"FILE01", "u", {"One."}}, json).ran.out);
    EXPECT_EQ(document->root()["explanation"].at(0).text(), "One.");
}

TEST(Why, OfAVmThatIsNotThereExits3) {
    FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::not_found, "no VM is called 'x'"}); }});
    EXPECT_EQ(run_at(daemon.socket(), {"why", "x"}).code, 3);
}

TEST(Plan, AsksForTheDays) {
    rpc::Forecast::Reply reply;
    reply.warnings = {"the window is too short"};
    auto const asked = ask_for<rpc::Forecast>({"plan", "--days", "30"}, reply);
    EXPECT_EQ(asked.params, R"({"days":30})");
    EXPECT_EQ(asked.ran.code, 0);
    EXPECT_EQ(asked.ran.out, "Warning: the window is too short\n");
    EXPECT_THAT(asked.ran.err, HasSubstr("No backup window opens"));
    auto const document = json::Document::parse(ask_for<rpc::Forecast>({"plan"}, reply, json).ran.out);
    EXPECT_TRUE(document->root()["disk_full_at"].is_null());
    EXPECT_EQ(document->root()["nights"].size(), 0u);
}

TEST(Clock, AcceptShowsTheTimeAndWhatItMeansForTheClustersClock) {
    auto const asked = ask_for<rpc::AcceptClock>({"clock", "accept"}, {noon, "the cluster's clock is 2 hours ahead"});
    EXPECT_EQ(asked.params, "{}");
    EXPECT_EQ(asked.ran.code, 0);
    EXPECT_THAT(asked.ran.out, HasSubstr("The clock is accepted; it shows "));
    EXPECT_THAT(asked.ran.out, HasSubstr("\nNoted: the cluster's clock is 2 hours ahead.\n"));
    EXPECT_THAT(ask_for<rpc::AcceptClock>({"clock", "accept"}, {noon, ""}).ran.out, Not(HasSubstr("Noted")));
    EXPECT_THAT(ask_for<rpc::AcceptClock>({"clock", "accept"}, {noon, ""}, json).ran.out, HasSubstr("\"remark\":\"\""));
}

TEST(Pause, AndResumePrintTheNewState) {
    auto const pause = ask_for<rpc::PauseSchedule>({"pause"}, {true});
    EXPECT_EQ(pause.params, R"({"paused":true})");
    EXPECT_THAT(pause.ran.out, HasSubstr("scale-backupctl resume"));
    auto const resume = ask_for<rpc::PauseSchedule>({"resume"}, {false});
    EXPECT_EQ(resume.params, R"({"paused":false})");
    EXPECT_THAT(resume.ran.out, HasSubstr("are not paused"));
    EXPECT_EQ(ask_for<rpc::PauseSchedule>({"pause"}, {true}, json).ran.out, "{\"paused\":true}\n");
}

TEST(Prune, PrintsWhatItDeleted) {
    auto const asked = ask_for<rpc::PruneBackups>({"prune"}, {{"a", "b\n"}, {}});
    EXPECT_EQ(asked.params, R"({"confirmed":false})");
    EXPECT_EQ(asked.ran.code, 0);
    EXPECT_EQ(asked.ran.out, "a\nb\\n\n");
    EXPECT_EQ(asked.ran.err, "2 backups deleted.\n");
    EXPECT_EQ(ask_for<rpc::PruneBackups>({"prune", "--yes"}, {}).params, R"({"confirmed":true})");
}

TEST(Prune, FailsWhenSomethingCouldNotBeDeleted) {
    auto const asked = ask_for<rpc::PruneBackups>({"prune"}, {{"a"}, {"deleting 'b': it is read-only"}});
    EXPECT_EQ(asked.ran.code, 1);
    EXPECT_EQ(asked.ran.out, "a\n");
    EXPECT_EQ(asked.ran.err, "1 backup deleted.\nscale-backupctl: deleting 'b': it is read-only\n");
}

TEST(Prune, OfMoreThanHalfNeedsYes) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.refuse({Errc::refused, "more than half would go; use prune --yes"});
    }});
    auto const ran = run_at(daemon.socket(), {"prune"});
    EXPECT_EQ(ran.code, 4);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("prune --yes"));
}

TEST(Prune, DryRunDeletesNothingAndListsEveryBackup) {
    rpc::ShowRetention::Reply reply;
    reply.backups = {{"a", "V", "u", false, "deleted: too old"}, {"b", "V", "u", true, "kept: it is protected"}};
    auto const asked = ask_for<rpc::ShowRetention>({"prune", "--dry-run"}, reply);
    EXPECT_EQ(asked.ran.code, 0);
    EXPECT_EQ(asked.ran.out, "ACTION  BACKUP  REASON\ndelete  a       too old\nkeep    b       it is protected\n");
    EXPECT_EQ(asked.ran.err, "1 of 2 backups would be deleted.\n");
    reply.needs_confirmation = true;
    EXPECT_THAT(ask_for<rpc::ShowRetention>({"prune", "--dry-run"}, reply).ran.err, HasSubstr("prune --yes"));
    auto const document =
        json::Document::parse(ask_for<rpc::ShowRetention>({"prune", "--dry-run"}, reply, json).ran.out);
    EXPECT_EQ(document->root()["backups"].size(), 2u);
    EXPECT_EQ(document->root()["needs_confirmation"].boolean(), true);
}

TEST(Protect, AndUnprotectPrintTheNewState) {
    auto backup = backup_of("night\tly", "FILE01", "complete");
    backup.is_protected = true;
    auto const protect = ask_for<rpc::ProtectBackup>({"protect", "night\tly"}, {backup});
    EXPECT_EQ(protect.params, R"({"backup":"night\tly","protected":true})");
    EXPECT_EQ(protect.ran.out, "'night\\tly' is protected: no clean-up deletes it.\n");
    backup.is_protected = false;
    auto const unprotect = ask_for<rpc::ProtectBackup>({"unprotect", "night\tly"}, {backup});
    EXPECT_EQ(unprotect.params, R"({"backup":"night\tly","protected":false})");
    EXPECT_THAT(unprotect.ran.out, HasSubstr("no longer protected"));
    auto const document =
        json::Document::parse(ask_for<rpc::ProtectBackup>({"unprotect", "x"}, {backup}, json).ran.out);
    EXPECT_EQ(document->root()["protected"].boolean(), false);
}

TEST(NotifyTest, PrintsTheRecipients) {
    auto const asked = ask_for<rpc::TestMail>({"notify-test"}, {{"a@example.org", "b@example.org"}});
    EXPECT_EQ(asked.ran.out, "The mail server accepted a test mail for a@example.org, b@example.org.\n");
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.refuse({Errc::unreachable, "smtp.example.org:25: connection refused"});
    }});
    auto const ran = run_at(daemon.socket(), {"notify-test"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("connection refused"));
}

TEST(Reload, PrintsWhatChangedAndWhatNeedsARestart) {
    rpc::Reload::Reply reply;
    reply.reloaded = true;
    reply.changed = {"Schedule.MaxBackups"};
    reply.needs_restart = {"Daemon.Socket"};
    auto const asked = ask_for<rpc::Reload>({"reload"}, reply);
    EXPECT_EQ(asked.ran.code, 0);
    EXPECT_EQ(asked.ran.out, "Changed: Schedule.MaxBackups\nNeeds a restart: Daemon.Socket\n");
    EXPECT_EQ(asked.ran.err, "");
    EXPECT_THAT(ask_for<rpc::Reload>({"reload"}, reply, json).ran.out, HasSubstr("\"reloaded\":true"));
    reply.changed = reply.needs_restart = {};
    EXPECT_EQ(ask_for<rpc::Reload>({"reload"}, reply).ran.out, "Nothing has changed.\n");
}

TEST(Reload, AConfigurationWithProblemsIsExitCode78) {
    rpc::Reload::Reply reply;
    reply.problems = {"config.toml:4:1: Schedule.Tags: unknown key; did you mean 'Tag'?"};
    auto const asked = ask_for<rpc::Reload>({"reload"}, reply);
    EXPECT_EQ(asked.ran.code, 78);
    EXPECT_THAT(asked.ran.err, HasSubstr("did you mean 'Tag'?"));
    EXPECT_THAT(asked.ran.err, HasSubstr("was not changed"));
}

}  // namespace
}  // namespace sb::ctl
