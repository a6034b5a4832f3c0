#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sb::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

void serve_backup(FakePeer& peer, rpc::JobInfo const& end) {
    peer.answer<rpc::StartBackup>({job_of(17, "queued", "queued")});
    peer.answer<rpc::SubscribeJobs>({{job_of(17, "running", "preparing")}});
    for (int const percent : {0, 4, 12, 55, 100}) peer.tell(job_of(17, "running", "following", percent));
    peer.tell(job_of(17, "running", "inspecting", 100));
    peer.tell(end);
}

void serve_whole_backup(FakePeer& peer) {
    serve_backup(peer, ended_job("succeeded"));
    rpc::Status::Reply status;
    status.storage.path = "/mnt/backups";
    peer.answer<rpc::Status>(status);
}

CommandWords const backup{"backup", "FILE01", "nightly"};

TEST(Commands, ReportAnUnreachableDaemon) {
    FakeDaemon daemon({});
    std::vector<CommandWords> const all{{"show-vms"}, backup,    {"restore", "a", "b"}, {"show-backups"}, {"jobs"},
                                        {"status"},   {"watch"}, {"watch", "17"},       {"cancel", "1"}};
    for (auto const& command : all) {
        auto const ran = run_at(daemon.socket() + ".absent", command);
        EXPECT_EQ(ran.code, 5);
        EXPECT_EQ(ran.out, "");
        EXPECT_THAT(ran.err, HasSubstr(".absent"));
    }
}

TEST(Commands, ShowVmsPrintsBareNames) {
    rpc::VmInfo a, b;
    a.name = "b";
    b.name = "a c";
    auto script = [&](FakePeer& peer) { peer.answer<rpc::ListVms>({{a, b}}); };
    FakeDaemon daemon({script, script});
    EXPECT_EQ(run_at(daemon.socket(), {"show-vms"}).out, "a c\nb\n");
    auto const json = run_at(daemon.socket(), {"show-vms"}, {.json = true});
    auto const document = json::Document::parse(json.out);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().size(), 2u);
    EXPECT_EQ(document->root().at(0)["name"].text(), "a c");
    EXPECT_EQ(json.err, "");
}

TEST(Commands, ExitWithTheCodeOfTheDaemonsError) {
    std::vector<std::pair<Errc, int>> const table{
        {Errc::not_found, 3},    {Errc::name_in_use, 4},    {Errc::not_permitted, 6}, {Errc::credentials_refused, 7},
        {Errc::pin_mismatch, 8}, {Errc::ambiguous_name, 4}, {Errc::unreachable, 1},   {Errc::cancelled, 1}};
    for (auto const& [errc, code] : table) {
        FakeDaemon daemon({[errc = errc](FakePeer& peer) { peer.refuse({errc, "the cluster's own words"}); }});
        auto const ran = run_at(daemon.socket(), backup);
        EXPECT_EQ(ran.code, code) << name_of(errc);
        EXPECT_THAT(ran.err, HasSubstr("the cluster's own words"));
    }
}

TEST(Commands, ThatStartSomethingSayHowToCheckWhenTheAnswerIsLost) {
    std::vector<std::pair<CommandWords, std::string>> const table{
        {backup, "The job may have started; check with: scale-backupctl jobs\n"},
        {{"restore", "a", "b"}, "The job may have started; check with: scale-backupctl jobs\n"},
        {{"verify"}, "The jobs may have started; check with: scale-backupctl jobs\n"},
        {{"schedule"}, "The run may have started; check with: scale-backupctl runs\n"},
        {{"clone-disk", "d", "my VM"}, "The clone may have started; check with: scale-backupctl show-disks 'my VM'\n"}};
    for (auto const& [words, sentence] : table) {
        FakeDaemon daemon({[](FakePeer&) {}});
        auto const ran = run_at(daemon.socket(), words);
        EXPECT_EQ(ran.code, 5) << words.front();
        EXPECT_TRUE(ran.err.ends_with("\n" + sentence)) << ran.err;
    }
}

TEST(Commands, ErrorsAreOneJsonDocumentToo) {
    FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::not_found, "no such VM"}); }});
    auto const ran = run_at(daemon.socket(), {"show-vms"}, {.json = true});
    EXPECT_EQ(json::Document::parse(ran.out)->root()["error"]["code"].text(), "not_found");
}

TEST(Commands, ReportThatStdoutCannotBeWrittenWhateverTheirResult) {
    for (auto const* error_code : {"", "not_found", "invalid_config"}) {
        rpc::CheckHealth::Reply reply;
        reply.error_code = error_code;
        FakeDaemon daemon({[&](FakePeer& peer) { peer.answer<rpc::CheckHealth>(reply); }});
        auto const ran = run_at(daemon.socket(), {"doctor"}, {.out_fails = true});
        EXPECT_EQ(ran.code, 1) << error_code;
        EXPECT_EQ(ran.err, "scale-backupctl: cannot write to stdout\n");
    }
}

TEST(Commands, ReportASocketThatIsNone) {
    FakeDaemon daemon({});
    auto const folder = std::filesystem::path(daemon.socket()).parent_path();
    std::ofstream(folder / "file") << "text";
    for (auto const& path : {folder, folder / "file"}) {
        auto const ran = run_at(path.string(), {"status"});
        EXPECT_EQ(ran.code, 5);
        EXPECT_THAT(ran.err, HasSubstr(path.string() + ": it exists and is not a socket"));
    }
}

TEST(Jobs, WithoutFinishedOnesDoesNotSayThatThereAreNone) {
    auto script = [](FakePeer& peer) { peer.answer<rpc::ListJobs>({}); };
    FakeDaemon daemon({script, script});
    EXPECT_EQ(run_at(daemon.socket(), {"jobs", "--limit", "0"}).err, "No job is queued or running.\n");
    EXPECT_EQ(run_at(daemon.socket(), {"jobs"}).err, "There are no jobs.\n");
}

TEST(Backup, PrintsProgressInLinesAndTheEndInASentence) {
    FakeDaemon daemon({serve_whole_backup});
    auto const ran = run_at(daemon.socket(), backup);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "FILE01 was backed up to '/mnt/backups/nightly' in 3 min 20 s.\n");
    EXPECT_EQ(ran.err,
              "job 17: preparing\njob 17: exporting 0 %\njob 17: exporting 12 %\njob 17: exporting 55 %\n"
              "job 17: exporting 100 %\njob 17: verifying the export\n");
}

TEST(Backup, DrawsABarOnATerminalAndLeavesItClean) {
    FakeDaemon daemon({serve_whole_backup});
    auto const ran = run_at(daemon.socket(), backup, {.terminal = true});
    EXPECT_THAT(ran.err, HasSubstr("FILE01  "));
    EXPECT_TRUE(ran.err.ends_with("\r\x1b[J")) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("was backed up"));
}

TEST(Backup, WithJsonPrintsTheFinalJob) {
    FakeDaemon daemon({[](FakePeer& peer) { serve_backup(peer, ended_job("failed", "task_failed", "no space")); }});
    auto const ran = run_at(daemon.socket(), backup, {.json = true});
    EXPECT_EQ(ran.code, 1);
    auto const document = json::Document::parse(ran.out);
    ASSERT_TRUE(document) << ran.out;
    EXPECT_EQ(document->root()["state"].text(), "failed");
    EXPECT_THAT(ran.err, HasSubstr("no space"));
}

TEST(Backup, DetachedPrintsTheJobsIdAlone) {
    std::string params;
    {
        FakeDaemon daemon(
            {[&](FakePeer& peer) { params = peer.answer<rpc::StartBackup>({job_of(17, "queued", "queued")}); }});
        auto const ran = run_at(daemon.socket(), {"backup", "--detach", "FILE01", "nightly"});
        EXPECT_EQ(ran.code, 0);
        EXPECT_EQ(ran.out, "17\n");
        EXPECT_EQ(ran.err, "");
    }
    EXPECT_EQ(params, R"({"vm":"FILE01","backup":"nightly"})");
}

TEST(Backup, FailsAsItsJobFailed) {
    FakeDaemon daemon(
        {[](FakePeer& peer) { serve_backup(peer, ended_job("failed", "pin_mismatch", "wrong certificate")); }});
    auto const ran = run_at(daemon.socket(), backup);
    EXPECT_EQ(ran.code, 8);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("backup of FILE01 failed: wrong certificate\n"));
}

TEST(Backup, CtrlCLeavesTheJobRunning) {
    for (bool const terminal : {false, true}) {
        FakeDaemon daemon({[](FakePeer& peer) {
            peer.answer<rpc::StartBackup>({job_of(17, "queued", "queued")});
            peer.answer<rpc::SubscribeJobs>({{job_of(17, "running", "following", 3)}});
            ::kill(::getpid(), SIGINT);
            peer.await_end();
        }});
        auto const ran = run_at(daemon.socket(), backup, {.terminal = terminal});
        EXPECT_EQ(ran.code, 130);
        EXPECT_TRUE(ran.err.ends_with("Job 17 continues. Follow it with: scale-backupctl watch 17\n")) << ran.err;
    }
}

TEST(Backup, CtrlCBeforeTheAnswerReportsThatItMayHaveStarted) {
    FakeDaemon daemon({[](FakePeer& peer) {
        ::kill(::getpid(), SIGINT);
        peer.await_end();
    }});
    auto const ran = run_at(daemon.socket(), backup);
    EXPECT_EQ(ran.code, 130);
    EXPECT_THAT(ran.err, HasSubstr("scale-backupctl jobs"));
}

TEST(Backup, ContinuesFollowingAfterTheDaemonRestarted) {
    auto first = [](FakePeer& peer) {
        peer.answer<rpc::StartBackup>({job_of(17, "queued", "queued")});
        peer.answer<rpc::SubscribeJobs>({{job_of(17, "running", "following", 40)}});
    };
    auto second = [](FakePeer& peer) {
        peer.answer<rpc::SubscribeJobs>({{job_of(17, "running", "following", 60)}});
        peer.tell(ended_job("succeeded"));
        peer.answer<rpc::Status>({});
    };
    FakeDaemon daemon({first, second});
    auto const ran = run_at(daemon.socket(), backup);
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.err, HasSubstr("was lost"));
    EXPECT_THAT(ran.err, HasSubstr("reconnected"));
    EXPECT_THAT(ran.err, HasSubstr("exporting 60 %"));
}

TEST(Backup, GivesUpWhenTheDaemonStaysAway) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.answer<rpc::StartBackup>({job_of(17, "queued", "queued")});
        peer.answer<rpc::SubscribeJobs>({{job_of(17, "running", "following", 40)}});
    }});
    auto const ran = run_at(daemon.socket(), backup, {.retry = {Milliseconds{30}, Milliseconds{5}}});
    EXPECT_EQ(ran.code, 5);
    EXPECT_THAT(ran.err, HasSubstr("Job 17 continues"));
}

TEST(Watch, OfAFinishedJobPrintsItsEndImmediately) {
    FakeDaemon daemon(
        {[](FakePeer& peer) { peer.answer<rpc::SubscribeJobs>({{ended_job("failed", "no_space", "disk full")}}); }});
    auto const ran = run_at(daemon.socket(), {"watch", "17"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("disk full"));
}

TEST(Watch, OfAJobThatIsNotThereExits3) {
    FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::not_found, "no job 99"}); }});
    auto const ran = run_at(daemon.socket(), {"watch", "99"});
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("no job 99"));
}

TEST(Watch, WithJsonIsOneObjectALine) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.answer<rpc::SubscribeJobs>({{job_of(17, "running", "following", 3)}});
        peer.tell(job_of(17, "running", "following", 4));
        peer.tell(ended_job("succeeded"));
    }});
    auto const ran = run_at(daemon.socket(), {"watch", "17"}, {.json = true});
    EXPECT_EQ(ran.code, 0);
    std::istringstream lines(ran.out);
    std::vector<std::string> states;
    for (std::string line; std::getline(lines, line);)
        states.push_back(json::Document::parse(line)->root()["state"].text());
    EXPECT_EQ(states, (std::vector<std::string>{"running", "running", "succeeded"}));
}

TEST(Watch, FollowsAllJobsUntilCtrlC) {
    auto script = [](FakePeer& peer) {
        auto const running = job_of(17, "running", "following", 3);
        peer.answer<rpc::SubscribeJobs>({{job_of(18, "queued", "queued"), running, ended_job("failed")}});
        peer.tell(ended_job("succeeded"));
        peer.tell(job_of(18, "running", "preparing"));
        ::kill(::getpid(), SIGINT);
        peer.await_end();
    };
    FakeDaemon daemon({script, script});
    auto const plain = run_at(daemon.socket(), {"watch"});
    EXPECT_EQ(plain.code, 130);
    EXPECT_THAT(plain.out, HasSubstr("13:00:00 job 18: backup of FILE01: waiting for its turn\n"
                                     "13:00:00 job 17: backup of FILE01: exporting 3 %\n"));
    auto const live = run_at(daemon.socket(), {"watch"}, {.terminal = true});
    EXPECT_EQ(live.code, 130);
    EXPECT_THAT(live.out, HasSubstr("0 running, 1 queued"));
    EXPECT_TRUE(live.out.ends_with("\x1b[J"));
}

TEST(Cancel, PrintsTheDaemonsNote) {
    std::string const note =
        "Cancelling job 17. The cluster cannot stop an export: it runs to the end and is then deleted.";
    FakeDaemon daemon({[&](FakePeer& peer) {
        peer.answer<rpc::CancelJob>({job_of(17, "running", "following", 3), note});
    }});
    auto const ran = run_at(daemon.socket(), {"cancel", "17"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, note + "\n");
}

TEST(Version, AnswersWithoutADaemon) {
    FakeDaemon daemon({});
    auto const ran = run_at(daemon.socket() + ".absent", {"version"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.out, HasSubstr("scale-backupctl "));
    EXPECT_EQ(
        json::Document::parse(run_at(daemon.socket() + ".absent", {"version"}, {.json = true}).out)->root().size(), 3u);
}

TEST(Version, OfTheClientAloneAsksNoDaemon) {
    for (auto const& words : {CommandWords{"--version"}, CommandWords{"version", "--client"}}) {
        auto const plain = run_at("/nowhere", words);
        EXPECT_EQ(plain.out, "scale-backupctl " SB_VERSION "\n");
        EXPECT_EQ(plain.err, "");
        auto const document = json::Document::parse(run_at("/nowhere", words, {.json = true}).out);
        ASSERT_TRUE(document);
        EXPECT_EQ(document->root()["version"].text(), SB_VERSION);
        EXPECT_FALSE(document->root()["daemon"].exists()) << "null would mean that it did not answer";
    }
}

TEST(HelpOption, IsJsonIfThatIsAskedFor) {
    auto const all = json::Document::parse(run_at("/nowhere", {"--help"}, {.json = true}).out);
    ASSERT_TRUE(all);
    EXPECT_TRUE(all->root().is_array());
    auto const one = json::Document::parse(run_at("/nowhere", {"jobs", "--help"}, {.json = true}).out);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->root()["command"].text(), "jobs");
}

bool has_controls(std::string text) {
    std::erase(text, '\n');
    return escape_controls(text) != text;
}

TEST(Commands, AnErrorControlsNoTerminalAndForgesNoLine) {
    Error const hostile{Errc::io, "a\x1b[2J\u009B2J\r\nscale-backupctl: all is well"};
    std::vector<CommandWords> const all{{"show-vms"},   {"show-backups"}, {"jobs"},   {"status"},     {"watch"},
                                        {"show-queue"}, {"runs"},         {"plan"},   {"doctor"},     {"why", "x"},
                                        {"watch", "1"}, {"schedule"},     {"reload"}, {"cancel", "1"}};
    for (auto const& command : all) {
        FakeDaemon daemon({[&](FakePeer& peer) { peer.refuse(hostile); }});
        auto const ran = run_at(daemon.socket(), command);
        EXPECT_NE(ran.code, 0) << command.front();
        EXPECT_FALSE(has_controls(ran.out + ran.err)) << command.front();
        EXPECT_THAT(ran.err, Not(HasSubstr("\nscale-backupctl: all is well"))) << command.front();
        EXPECT_THAT(ran.err, HasSubstr("a\\x1b[2J\\x9b2J\\r\n  scale-backupctl: all is well")) << command.front();
    }
}

TEST(Client, TreatsGarbageAsAnError) {
    for (auto const* garbage : {"not json", "{}", R"({"jsonrpc":"2.0","id":1,"result":{"vms":7}})", "[]"}) {
        FakeDaemon daemon({[garbage](FakePeer& peer) {
            peer.send(garbage);
            peer.await_end();
        }});
        EXPECT_EQ(run_at(daemon.socket(), {"show-vms"}).code, 1) << garbage;
    }
}

}  // namespace
}  // namespace sb::ctl
