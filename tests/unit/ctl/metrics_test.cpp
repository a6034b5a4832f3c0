// metrics: the text is what Prometheus reads, docs/monitoring.md explains each number, and unknown ones are omitted.
#include "ctl/render/metrics.hpp"

#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string text_in(fs::path const& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

rpc::BackupInfo backup(std::string uuid, std::string state, UtcTime completed, std::string vm) {
    rpc::BackupInfo info;
    info.vm = std::move(vm);
    info.vm_uuid = std::move(uuid);
    info.state = std::move(state);
    info.started = completed - std::chrono::minutes{5};
    info.completed = completed;
    info.size_bytes = 1'000'000'000'000;
    return info;
}

MetricsFacts everything() {
    MetricsFacts facts;
    facts.status = rpc::Status::Reply{};
    facts.status->version = "0.1.0";
    facts.status->window.configured = true;
    facts.status->cluster.reachable = true;
    facts.status->storage.total_bytes = 70'000'000;
    facts.status->storage.reclaimable_bytes = 7'000'000;
    facts.status->last_run = failed_run();
    facts.jobs = {job_of(1, "running", "following"), job_of(2, "queued", "queued"), job_of(3, "running", "committing")};
    facts.jobs.back().error = "the folder is in use";  // it only waits for its name
    auto verified = backup("u1", "complete", noon - std::chrono::hours{24}, "old name");
    verified.verified = {"content", noon - std::chrono::hours{1}};
    facts.backups = {backup("u1", "complete", noon, "A \"x\" \\ \n B"), verified, backup("u2", "damaged", noon, "C")};
    rpc::QueueEntry served{"A \"x\" \\ \n B", "u1", noon, 0, "", noon + std::chrono::hours{24}, false};
    rpc::QueueEntry late{"C", "u2", std::nullopt, std::nullopt, "", std::nullopt, true};
    facts.queue = {served, late};
    return facts;
}

std::string text_of(MetricsFacts const& facts) { return metrics_text(metrics_of(facts)); }

TEST(Metrics, AreWhatPrometheusTakes) {
    auto const text = text_of(everything());
    std::regex const comment{R"(# (HELP scale_backup_\w+ \S.*|TYPE scale_backup_\w+ gauge))"};
    std::regex const sample{R"--((scale_backup_\w+)(\{\w+="([^"\\]|\\["\\n])*"(,\w+="([^"\\]|\\["\\n])*")*\})? \d+)--"};
    std::istringstream lines{text};
    std::set<std::string> series;
    for (std::string line; std::getline(lines, line);) {
        bool const good = std::regex_match(line, comment) || std::regex_match(line, sample);
        EXPECT_TRUE(good) << line;
        if (line[0] != '#') EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
    }
    EXPECT_TRUE(text.ends_with('\n'));
}

TEST(Metrics, CountTheConditionsByTheirSeverity) {
    auto facts = everything();
    auto const counts = [&](char const* errors, char const* warnings) {
        auto const text = text_of(facts);
        EXPECT_THAT(text, HasSubstr(std::string("scale_backup_conditions{severity=\"error\"} ") + errors + "\n"));
        EXPECT_THAT(text, HasSubstr(std::string("scale_backup_conditions{severity=\"warning\"} ") + warnings + "\n"));
    };
    counts("0", "0");
    for (auto const* severity : {"warning", "error", "warning"}) {
        facts.status->conditions.emplace_back();
        facts.status->conditions.back().severity = severity;
    }
    counts("1", "2");
}

TEST(Metrics, ShowForEachVmWhenAndWhetherItIsLate) {
    auto const text = text_of(everything());
    auto const at = [](UtcTime time) {
        return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    };
    std::string const vm = R"({vm="A \"x\" \\ \n B",vm_uuid="u1"} )";
    EXPECT_THAT(text, HasSubstr("last_success_timestamp_seconds" + vm + at(noon) + "\n"));
    EXPECT_THAT(text, HasSubstr("last_verified_timestamp_seconds" + vm + at(noon - std::chrono::hours{1}) + "\n"));
    EXPECT_THAT(text, HasSubstr("due_timestamp_seconds" + vm + at(noon + std::chrono::hours{24}) + "\n"));
    EXPECT_THAT(text, HasSubstr("rpo_breach" + vm + "0\n"));
    EXPECT_THAT(text, HasSubstr(R"(rpo_breach{vm="C",vm_uuid="u2"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(due_timestamp_seconds{vm="C",vm_uuid="u2"} 0)"));
    EXPECT_THAT(text, Not(HasSubstr(R"(last_success_timestamp_seconds{vm="C")"))) << "a damaged backup is no success";
    EXPECT_THAT(text, HasSubstr("scale_backup_backups{state=\"damaged\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("scale_backup_backups_bytes 3000000000000\n"));
    EXPECT_THAT(text, HasSubstr("scale_backup_exports_running 1\n"));
    EXPECT_THAT(text, HasSubstr("scale_backup_reclaimable_bytes 7000000\n"));
}

TEST(Metrics, WhatIsNotKnownIsLeftOut) {
    EXPECT_EQ(text_of({}),
              "# HELP scale_backup_up Whether the daemon answers.\n# TYPE scale_backup_up gauge\nscale_backup_up 0\n");
    auto facts = everything();
    facts.queue.reset();
    EXPECT_THAT(text_of(facts), HasSubstr("scale_backup_cluster_up 0\n"));
    EXPECT_THAT(text_of(facts), Not(HasSubstr("rpo_breach")));
    facts.status->window.configured = false;
    EXPECT_THAT(text_of(facts), HasSubstr("scale_backup_cluster_up 1\n"));
}

TEST(Metrics, NothingIsMissingWhenAllIsKnown) {
    for (auto const* part : {"backups", "queue", "storage"})
        EXPECT_THAT(text_of(everything()), HasSubstr(std::string("missing{part=\"") + part + "\"} 0\n"));
}

TEST(Metrics, BeforeLocalPathHasBeenReadNoNumberPretendsToKnowIt) {
    auto facts = everything();
    facts.backups.reset();
    facts.queue.reset();
    facts.no_queue = Error{Errc::refused, "LocalPath is being read"};
    facts.status->storage = {};
    facts.status->problems = {"LocalPath is being read"};
    facts.status->cluster.reachable.reset();
    auto const text = text_of(facts);
    for (auto const* absent : {"_bytes", "scale_backup_backups{", "cluster_up", "last_success"})
        EXPECT_THAT(text, Not(HasSubstr(absent)));
    for (auto const* part : {"backups", "queue", "storage"})
        EXPECT_THAT(text, HasSubstr(std::string("missing{part=\"") + part + "\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("scale_backup_problems 1\n"));
    facts.status->cluster.reachable = true;
    EXPECT_THAT(text_of(facts), HasSubstr("cluster_up 1\n")) << "the queue was refused for LocalPath";
}

TEST(Metrics, AQueueThatDoesNotComeInTimeSaysNothingAboutTheCluster) {
    auto facts = everything();
    facts.queue.reset();
    facts.no_queue = Error{Errc::daemon_unreachable, "no answer within 3 seconds"};
    EXPECT_THAT(text_of(facts), Not(HasSubstr("cluster_up")));
    facts.status->cluster.reachable = false;
    EXPECT_THAT(text_of(facts), HasSubstr("cluster_up 0\n"));
    facts.status->window.configured = false;
    EXPECT_THAT(text_of(facts), HasSubstr("cluster_up 0\n"));
}

TEST(Metrics, ThePageExplainsEachNumberAndNoOther) {
    std::ifstream page(std::string(SB_DOCS) + "/monitoring.md");
    ASSERT_TRUE(page);
    std::set<std::string> told, made;
    std::smatch row;
    for (std::string line; std::getline(page, line);)
        if (std::regex_search(line, row, std::regex{R"(^\| `(scale_backup_\w+)` \|)"})) told.insert(row[1]);
    for (auto const& metric : metrics_of(everything())) made.insert(metric.name);
    EXPECT_EQ(told, made);
}

void serve(FakePeer& peer) {
    auto const facts = everything();
    peer.answer<rpc::Status>(*facts.status);
    EXPECT_EQ(peer.answer<rpc::ListJobs>({facts.jobs}), R"({"limit":0,"before":0})");
    peer.answer<rpc::ListBackups>({*facts.backups});
    peer.answer<rpc::ShowQueue>({*facts.queue});
}

TEST(MetricsCommand, PrintsTextOrJson) {
    FakeDaemon daemon({serve, serve});
    auto const ran = run_at(daemon.socket(), {"metrics"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_EQ(ran.out, text_of(everything()));
    auto const document = json::Document::parse(run_at(daemon.socket(), {"metrics"}, {.json = true}).out);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().at(0)["name"].text(), "scale_backup_up");
    EXPECT_EQ(document->root().at(0)["value"].integer(), 1);
    EXPECT_NE(document->root().at(1)["labels"]["version"].text(), "");
}

TEST(MetricsCommand, PrintsTheRestWhenTheClusterIsUnreachable) {
    FakeDaemon daemon({[](FakePeer& peer) {
        auto const facts = everything();
        peer.answer<rpc::Status>(*facts.status);
        peer.answer<rpc::ListJobs>({facts.jobs});
        peer.answer<rpc::ListBackups>({*facts.backups});
        peer.refuse({Errc::unreachable, "no connection"});
    }});
    auto const ran = run_at(daemon.socket(), {"metrics"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.out, HasSubstr("scale_backup_cluster_up 0\n"));
    EXPECT_THAT(ran.out, HasSubstr("scale_backup_last_success_timestamp_seconds{"));
}

TEST(MetricsCommand, WithoutADaemonPrintsThatAlone) {
    FakeDaemon daemon({});
    auto const ran = run_at(daemon.socket() + ".absent", {"metrics"});
    EXPECT_EQ(ran.code, 5);
    EXPECT_EQ(ran.out, text_of({}));
    EXPECT_THAT(ran.err, HasSubstr(".absent"));
}

TEST(MetricsCommand, ADaemonThatRefusesIsNotTakenForOneThatIsGone) {
    FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::not_permitted, "you may not"}); }});
    auto const file = std::filesystem::path(daemon.socket()).parent_path() / "x.prom";
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", file.string()});
    EXPECT_EQ(ran.code, 6);
    EXPECT_EQ(ran.err, "scale-backupctl: you may not\n");
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(MetricsCommand, ReplacesAFileAsAWhole) {
    FakeDaemon daemon({serve});
    auto const folder = std::filesystem::path(daemon.socket()).parent_path();
    auto const file = folder / "scale-backup.prom";
    std::ofstream(file) << "old";
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", file.string()});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out + ran.err, "");
    EXPECT_EQ(text_in(file), text_of(everything()));
    auto const left = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    EXPECT_EQ(left, 1) << "nothing beside the file; the socket is gone";
}

TEST(MetricsCommand, ReplacesTheTargetOfALinkAndKeepsTheLink) {
    FakeDaemon daemon({serve, serve});
    auto const folder = fs::path(daemon.socket()).parent_path();
    fs::create_directory(folder / "real");
    fs::create_symlink("real/x.prom", folder / "link");
    fs::create_symlink("link", folder / "link to the link");
    for (auto const* name : {"link", "link to the link"}) {  // at first the target does not exist
        auto const ran = run_at(daemon.socket(), {"metrics", "--output", (folder / name).string()});
        EXPECT_EQ(ran.code, 0) << ran.err;
        EXPECT_TRUE(fs::is_symlink(folder / name));
        EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder / "real" / "x.prom")));
        EXPECT_EQ(text_in(folder / "real" / "x.prom"), text_of(everything()));
        std::ofstream(folder / "real" / "x.prom") << "old";
    }
}

/// node_exporter is another user, and cron or a service may have any umask.
TEST(MetricsCommand, TheFileIsReadableWhateverTheUmask) {
    FakeDaemon daemon({serve, serve});
    auto const file = fs::path(daemon.socket()).parent_path() / "backup.prom";
    for (mode_t const mask : {mode_t{077}, mode_t{0}}) {
        auto const before = ::umask(mask);
        EXPECT_EQ(run_at(daemon.socket(), {"metrics", "--output", file.string()}).code, 0);
        ::umask(before);
        struct stat about {};
        ASSERT_EQ(::stat(file.c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 0777, 0644u);
    }
}

TEST(MetricsCommand, WritesIntoADeviceAndLeavesItInItsPlace) {
    FakeDaemon daemon({serve});
    auto const link = fs::path(daemon.socket()).parent_path() / "null";
    fs::create_symlink("/dev/null", link);
    EXPECT_EQ(run_at(daemon.socket(), {"metrics", "--output", link.string()}).code, 0);
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(MetricsCommand, WritesIntoANamedPipe) {
    FakeDaemon daemon({serve});
    auto const pipe = fs::path(daemon.socket()).parent_path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    int const reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader, 0);
    EXPECT_EQ(run_at(daemon.socket(), {"metrics", "--output", pipe.string()}).code, 0);
    std::string arrived(64 * 1024, '\0');
    arrived.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(reader, arrived.data(), arrived.size()))));
    ::close(reader);
    EXPECT_EQ(arrived, text_of(everything()));
    EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(MetricsCommand, ReportsADeviceThatIsFull) {
    struct stat device {};
    if (::stat("/dev/full", &device) != 0) GTEST_SKIP() << "this system has no /dev/full";
    FakeDaemon daemon({serve});
    // As root a mistake would replace the system's device, so root tests with a private one.
    auto const full = ::geteuid() == 0 ? fs::path(daemon.socket()).parent_path() / "full" : fs::path("/dev/full");
    if (::geteuid() == 0) ASSERT_EQ(::mknod(full.c_str(), device.st_mode, device.st_rdev), 0);
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", full.string()});
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.err, "scale-backupctl: writing '" + full.string() + "': No space left on device\n");
    EXPECT_TRUE(fs::is_character_file(full));
}

TEST(MetricsCommand, RefusesAFolder) {
    FakeDaemon daemon({serve});
    auto const folder = fs::path(daemon.socket()).parent_path() / "folder";
    fs::create_directory(folder);
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", folder.string()});
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.err, "scale-backupctl: writing '" + folder.string() + "': it is a folder\n");
    EXPECT_TRUE(fs::is_directory(folder));
}

TEST(MetricsCommand, ReportsAFileThatCannotBeWritten) {
    FakeDaemon daemon({serve});
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", "/nonexistent/x.prom"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("writing '/nonexistent/x.prom'"));
}

TEST(MetricsCommand, WithAFilePrintsItsErrorAsJson) {
    FakeDaemon daemon({serve});
    auto const code_in = [](std::string const& out) {
        return std::string(json::Document::parse(out)->root()["error"]["code"].text());
    };
    auto const unwritable = run_at(daemon.socket(), {"metrics", "--output", "/nonexistent/x.prom"}, {.json = true});
    EXPECT_EQ(code_in(unwritable.out), "io");
    auto const absent = run_at(daemon.socket() + ".absent", {"metrics", "--output", "/dev/null"}, {.json = true});
    EXPECT_EQ(code_in(absent.out), "daemon_unreachable");
    EXPECT_EQ(absent.code, 5);
}

}  // namespace
}  // namespace sb::ctl
