// metrics: the text is what Prometheus reads, docs/monitoring.md explains each number, and unknown ones are omitted.
#include "tests/unit/ctl/metrics_facts.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

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

TEST(Metrics, AVmsNameControlsNoTerminalAndBreaksNoLine) {
    auto const text = metrics_text({{"scale_backup_x", "Help.", {{{{"vm", "a\x1b[2J\u009B\"\\\nb"}}, 1}}}});
    EXPECT_THAT(text, testing::HasSubstr(R"({vm="a\\x1b[2J\\x9b\"\\\nb"} 1)"));
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

TEST(Metrics, ABackupThatTheJournalDoesNotKnowChangesNoNumberButItsOwn) {
    auto facts = everything();
    auto const before = text_of(facts);
    EXPECT_THAT(before, HasSubstr("scale_backup_backups_unknown 0\n"));
    for (auto const* uuid : {"u1", "u9"}) {
        auto planted = backup(uuid, "complete", noon + std::chrono::days{30}, "X");
        planted.verified = {"reread", noon + std::chrono::days{30}};
        planted.known = false;
        planted.unanswered = facts.backups->size() % 2 == 0;
        facts.backups->push_back(planted);
    }
    auto after = text_of(facts);
    std::string const own = "scale_backup_backups_unknown 2\n";
    ASSERT_THAT(after, HasSubstr(own));
    after.replace(after.find(own), own.size(), "scale_backup_backups_unknown 0\n");
    EXPECT_EQ(after, before);
}

TEST(Metrics, WhatIsNotKnownIsLeftOut) {
    EXPECT_EQ(text_of({}),
              "# HELP scale_backup_up Whether the daemon answers.\n# TYPE scale_backup_up gauge\nscale_backup_up 0\n");
    auto facts = everything();
    facts.queue.reset();
    EXPECT_THAT(text_of(facts), HasSubstr("scale_backup_cluster_up 1\n")) << "as it was when it was asked";
    EXPECT_THAT(text_of(facts), Not(HasSubstr("rpo_breach")));
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

TEST(Metrics, TheClusterIsAsTheLastContactShowedItWhateverTheQueueSays) {
    for (auto const code : {Errc::io, Errc::daemon_unreachable, Errc::refused}) {
        auto facts = everything();
        facts.queue.reset();
        facts.no_queue = Error{code, "LocalPath is not listed, because 5 folders do not answer"};
        auto const text = text_of(facts);
        EXPECT_THAT(text, HasSubstr("cluster_up 1\n"));
        EXPECT_THAT(text, HasSubstr("scale_backup_cluster_asked_timestamp_seconds "));
        EXPECT_THAT(text, HasSubstr("missing{part=\"queue\"} 1\n"));
        facts.status->cluster.reachable = false;
        EXPECT_THAT(text_of(facts), HasSubstr("cluster_up 0\n"));
        facts.status->cluster.reachable.reset();
        EXPECT_THAT(text_of(facts), Not(HasSubstr("cluster_"))) << "it has not been asked yet";
    }
}

TEST(Metrics, AFolderThatDoesNotAnswerIsCountedAsThatAndItsVmsSuccessIsNotKnown) {
    auto facts = everything();
    auto silent = backup("u1", "unverified", noon + std::chrono::hours{1}, "A");
    silent.unanswered = true;
    facts.backups->push_back(silent);
    auto const text = text_of(facts);
    EXPECT_THAT(text, HasSubstr("backups{state=\"unanswered\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("backups{state=\"unverified\"} 0\n"));
    EXPECT_THAT(text, Not(HasSubstr("last_success_timestamp_seconds{"))) << "an older one is not the newest";
    facts.backups->back().started = noon - std::chrono::hours{30};
    EXPECT_THAT(text_of(facts), HasSubstr("last_success_timestamp_seconds{")) << "a newer one has answered";
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
        auto status = *facts.status;
        status.cluster.reachable = false;
        peer.answer<rpc::Status>(status);
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

}  // namespace
}  // namespace sb::ctl
