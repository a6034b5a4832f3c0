// Completion: what may stand at the cursor, which names fit there, and how bash is given them.
#include "ctl/command_line.hpp"
#include "ctl/completion/bash_line.hpp"
#include "ctl/completion/candidates.hpp"
#include "ctl/completion/scripts.hpp"
#include "ctl/request.hpp"
#include "ctl/usage.hpp"
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Words = std::vector<std::string>;

Words values(std::vector<Candidate> const& candidates) {
    Words all;
    for (auto const& one : candidates) all.push_back(one.value);
    return all;
}

Expectation at(Words before, std::string current = "") {
    return expectation_of({std::move(before), std::move(current)});
}

TEST(CompletionExpects, CommandsFirst) {
    auto const expectation = at({});
    ASSERT_EQ(expectation.what, Expected::words);
    for (auto const& command : command_words()) EXPECT_THAT(values(expectation.words), Contains(command.word));
    EXPECT_THAT(values(expectation.words), Not(Contains("__complete")));
    EXPECT_EQ(at({"--json", "--socket", "/run/x"}).what, Expected::words);
}

TEST(CompletionExpects, WhatTheUsageLineNames) {
    EXPECT_EQ(at({"backup"}).what, Expected::vms);
    EXPECT_EQ(at({"backup", "FILE01"}).what, Expected::nothing);
    EXPECT_EQ(at({"backup", "FILE01", "x"}).what, Expected::nothing);
    EXPECT_EQ(at({"restore"}).what, Expected::backups);
    EXPECT_EQ(at({"restore", "x"}).what, Expected::nothing);
    EXPECT_EQ(at({"--no-color", "why"}).what, Expected::vms);
    EXPECT_EQ(at({"watch"}).what, Expected::jobs);
    EXPECT_EQ(at({"cancel"}).what, Expected::unfinished_jobs);
    EXPECT_EQ(at({"protect"}).what, Expected::unprotected_backups);
    EXPECT_EQ(at({"unprotect"}).what, Expected::protected_backups);
    EXPECT_EQ(at({"show-vms"}).what, Expected::nothing);
    EXPECT_EQ(at({"no-such-command"}).what, Expected::nothing);
    EXPECT_THAT(values(at({"completion"}).words), ElementsAre("bash", "fish", "zsh"));
}

TEST(CompletionExpects, EveryArgumentOfEveryUsageLineIsThoughtOf) {
    // A new command with an argument of a new kind fails here: add its meaning in expected.cpp.
    for (auto const& command : command_words()) {
        std::istringstream words{std::string(command.arguments)};
        std::string part;
        if (!(words >> part) || part.starts_with("[--") || part.starts_with("--")) continue;
        EXPECT_NE(at({std::string(command.word)}).what, Expected::nothing) << command.word << " " << command.arguments;
    }
}

TEST(CompletionExpects, OptionsOfTheCommandThatAreNotThereYet) {
    auto const prune = at({"prune", "--yes"}, "-");
    ASSERT_EQ(prune.what, Expected::words);
    EXPECT_THAT(values(prune.words), Contains("--dry-run"));
    EXPECT_THAT(values(prune.words), Not(Contains("--yes")));
    EXPECT_THAT(values(prune.words), Contains("--json"));
    EXPECT_THAT(values(prune.words), Not(Contains("--detach")));
    EXPECT_THAT(values(at({}, "--").words), Contains("--version"));
    EXPECT_EQ(at({"restore", "--"}, "-x").what, Expected::backups);
}

TEST(CompletionExpects, ValuesOfOptions) {
    EXPECT_EQ(at({"--socket"}).what, Expected::files);
    EXPECT_EQ(at({"jobs", "--limit"}).what, Expected::nothing);
    EXPECT_THAT(values(at({"verify", "--level"}).words), ElementsAre("structure", "content", "reread"));
    EXPECT_THAT(values(at({"verify", "x", "y"}, "--level=c").words),
                ElementsAre("--level=structure", "--level=content", "--level=reread"));
    EXPECT_EQ(at({"verify", "--level", "content"}).what, Expected::backups);
    EXPECT_THAT(at({"jobs"}, "--limit=").words, IsEmpty());
    EXPECT_THAT(at({"jobs"}, "--level=").words, IsEmpty());
    EXPECT_EQ(at({"backup", "--detach"}).what, Expected::vms);
    EXPECT_EQ(at({"--socket", "/a b", "why"}).socket, "/a b");
    EXPECT_EQ(at({"--socket=/c", "why"}).socket, "/c");
}

TEST(CompletionExpects, UsageLinesNameExactlyTheOptionsThatTheCommandsTake) {
    for (auto const& command : command_words()) {
        for (auto const& option : command_options()) {
            Request const request{{std::string(command.word)}, {{option.name, "content"}}};
            auto const read = command_of(request);
            bool const refused = !read && read.error().context.find("has no option '--") != std::string::npos;
            bool const named =
                std::string(command.arguments).find("[--" + std::string(option.name)) != std::string::npos;
            EXPECT_EQ(named, !refused) << command.word << " --" << option.name;
        }
    }
}

TEST(CompletionExpects, EveryLevelThatIsOfferedIsTaken) {
    for (auto const& level : values(at({"verify", "--level"}).words)) {
        Request const request{{"verify"}, {{"level", level}}};
        EXPECT_TRUE(command_of(request)) << level;
    }
}

rpc::VmInfo vm(std::string name, std::string uuid, std::vector<rpc::DiskInfo> disks = {}) {
    rpc::VmInfo info;
    info.name = std::move(name);
    info.uuid = std::move(uuid);
    info.state = "RUNNING";
    info.disks = std::move(disks);
    return info;
}

rpc::BackupInfo backup(std::string name, std::string state, int hours_ago, bool is_protected = false) {
    rpc::BackupInfo info;
    info.name = std::move(name);
    info.state = std::move(state);
    info.vm = "FILE01";
    info.started = noon - std::chrono::hours{hours_ago};
    info.is_protected = is_protected;
    return info;
}

Look at_noon() {
    Look look;
    look.now = noon;
    return look;
}

std::vector<Candidate> names(Expected what, CompletionFacts const& facts) {
    Expectation expectation;
    expectation.what = what;
    return candidates_of(expectation, facts, at_noon());
}

TEST(CompletionCandidates, VmsAreSortedAndTwinsGoByUuid) {
    CompletionFacts facts;
    facts.vms = {vm("web", "u1"), vm("Büro $1", "u2"), vm("twin", "u4"), vm("twin", "u3")};
    EXPECT_THAT(values(names(Expected::vms, facts)), ElementsAre("Büro $1", "u3", "u4", "web"));
    EXPECT_EQ(names(Expected::vms, facts)[1].note, "twin");
    EXPECT_EQ(names(Expected::vms, facts)[3].note, "RUNNING");
}

TEST(CompletionCandidates, HostileNamesAreLeftOut) {
    CompletionFacts facts;
    facts.vms = {vm("a\nb", "u1"), vm("\x1b[2J", "u2"), vm("good", "u3"), vm("a\tb", "u4"), vm("", "u5")};
    EXPECT_THAT(values(names(Expected::vms, facts)), ElementsAre("good"));
    facts.vms = {vm("twin\x1b[2J\n", "u1"), vm("twin\x1b[2J\n", "u2")};
    for (auto const& one : names(Expected::vms, facts)) EXPECT_EQ(one.note, "twin\\x1b[2J\\n");
}

TEST(CompletionCandidates, BackupsNewestFirst) {
    CompletionFacts facts;
    facts.backups = {backup("old", "complete", 48), backup("now", "exporting", 0), backup("kept", "damaged", 5, true)};
    EXPECT_EQ(names(Expected::backups, facts),
              (std::vector<Candidate>{{"kept", "damaged, FILE01, 5 h ago"}, {"old", "complete, FILE01, 2 days ago"}}));
    EXPECT_THAT(values(names(Expected::protected_backups, facts)), ElementsAre("kept"));
    EXPECT_THAT(values(names(Expected::unprotected_backups, facts)), ElementsAre("old"));
}

TEST(CompletionCandidates, JobsAndDisks) {
    CompletionFacts facts;
    facts.jobs = {job_of(17, "running", "following", 40), job_of(16, "succeeded", "finished")};
    EXPECT_THAT(values(names(Expected::jobs, facts)), ElementsAre("17", "16"));
    EXPECT_THAT(values(names(Expected::unfinished_jobs, facts)), ElementsAre("17"));
    EXPECT_EQ(names(Expected::jobs, facts)[0].note, "backup of FILE01, exporting 40 %");
    facts.vms = {vm("FILE01", "u1", {{"d1", "VIRTIO_DISK", 1u << 30, 0}})};
    EXPECT_EQ(names(Expected::disks, facts), (std::vector<Candidate>{{"d1", "FILE01, VIRTIO_DISK, 1 GiB"}}));
}

TEST(CompletionCandidates, ANameThatIsThereIsNotOfferedAgain) {
    CompletionFacts facts;
    facts.backups = {backup("a", "complete", 1), backup("b", "complete", 2)};
    Expectation expectation;
    expectation.what = Expected::backups;
    expectation.given = {"a"};
    EXPECT_THAT(values(candidates_of(expectation, facts, at_noon())), ElementsAre("b"));
}

// ---- bash -----------------------------------------------------------------------------------------

constexpr auto breaks = " \t\n\"'@><=;|&(:";

Words replies(std::string const& line, Words const& names) {
    std::vector<Candidate> candidates;
    for (auto const& name : names) candidates.push_back({name, ""});
    return bash_replies(read_bash_line(line, breaks), candidates);
}

TEST(CompletionInBash, ReadsWordsAsTheShellDoes) {
    auto const line = read_bash_line(R"(scale-backup --socket '/a b' restore "x \"y\" $ \z" B\ )", breaks);
    EXPECT_THAT(line.typed.before, ElementsAre("--socket", "/a b", "restore", R"(x "y" $ \z)"));
    EXPECT_EQ(line.typed.current, "B ");
    EXPECT_THAT(read_bash_line("scale-backup", breaks).typed.before, IsEmpty());
    EXPECT_THAT(read_bash_line("scale-backup backup '' ", breaks).typed.before, ElementsAre("backup", ""));
    EXPECT_EQ(read_bash_line("scale-backup why Bü\\", breaks).typed.current, "Bü");
}

TEST(CompletionInBash, QuotesWhatTheShellWouldTakeApart) {
    EXPECT_THAT(replies("x why ", {"Büro $1 (alt)"}), ElementsAre(R"(Büro\ \$1\ \(alt\))"));
    EXPECT_THAT(replies("x why Bü", {"Büro 2", "Web"}), ElementsAre(R"(Büro\ 2)"));
    EXPECT_THAT(replies("x why B\\ ", {"B 1", "B2"}), ElementsAre(R"(B\ 1)"));
    EXPECT_THAT(replies("x why \"B", {"B $`\"\\!"}), ElementsAre(R"(B \$\`\"\\"'!'"")"));
    EXPECT_THAT(replies("x why \"B", {"B \"1\""}), ElementsAre(R"(B \"1\"")"));
    EXPECT_THAT(replies("x why 'B", {"B's'"}), ElementsAre("B'\\''s'\\'''"));
    EXPECT_THAT(replies("x why 'B", {"B $'s"}), ElementsAre(R"(B $'\''s)"));
    EXPECT_THAT(replies("x why ''", {"a"}), ElementsAre("a"));
}

TEST(CompletionInBash, LeavesOutWhatReadlineKeeps) {
    EXPECT_THAT(replies("x why db@p", {"db@prod"}), ElementsAre("\\@prod"));
    EXPECT_THAT(replies("x why db\\@p", {"db@prod"}), ElementsAre(R"(db\@prod)"));
    EXPECT_THAT(replies("x why a:b", {"a:b:c"}), ElementsAre(R"(b\:c)"));
    EXPECT_THAT(replies("x why \"a b\"c", {"a bcd"}), ElementsAre("cd"));
}

// ---- the word that the shells call ----------------------------------------------------------------

Invocation invocation(Words const& arguments) {
    auto parsed = parse_command_line(arguments, {std::nullopt, "/run/default"});
    EXPECT_TRUE(parsed);
    return *parsed;
}

TEST(Completion, TakesEverythingAfterItsWordAsItIs) {
    auto const parsed = invocation({"__complete", "zsh", "--socket", "/x", "--nonsense", "-"});
    auto const* complete = std::get_if<Complete>(&parsed.command);
    ASSERT_TRUE(complete);
    EXPECT_EQ(complete->shell, "zsh");
    EXPECT_THAT(complete->words, ElementsAre("--socket", "/x", "--nonsense", "-"));
    EXPECT_EQ(parsed.options.socket, "/run/default");
}

TEST(Completion, AsksTheDaemonThatTheLineNames) {
    rpc::ListVms::Reply reply;
    reply.vms = {vm("Büro $1", "u1")};
    FakeDaemon daemon({[&](FakePeer& peer) { peer.answer<rpc::ListVms>(reply); }});
    auto const ran = run_at("/nowhere", Complete{"fish", {"--socket", daemon.socket(), "why", ""}});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.results, "words\nBüro $1\tRUNNING\n");
}

TEST(Completion, IsSilentWithoutADaemon) {
    for (auto const* command : {"why", "restore", "watch"}) {
        auto const ran = run_at("/nowhere/at/all", Complete{"zsh", {command, ""}});
        EXPECT_EQ(ran.code, 0);
        EXPECT_EQ(ran.results, "words\n");
        EXPECT_EQ(ran.talk, "");
    }
}

TEST(Completion, IsSilentWhenTheDaemonHangsOrRefuses) {
    FakeDaemon hanging({[](FakePeer& peer) { peer.await_end(); }});
    auto ran = run_at(hanging.socket(), Complete{"zsh", {"why", ""}});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.results + ran.talk, "words\n");
    FakeDaemon refusing({[](FakePeer& peer) { peer.refuse({Errc::not_permitted, "no"}); }});
    ran = run_at(refusing.socket(), Complete{"zsh", {"why", ""}});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.results + ran.talk, "words\n");
}

TEST(Completion, SurvivesNonsense) {
    for (auto const& words : std::vector<Words>{{}, {"x"}, {"", "", ""}, {"\xff", "\"'"}, {"a", "b", "c", "d"}}) {
        for (auto const* shell : {"bash", "zsh", "fish", "", "tcsh"})
            EXPECT_EQ(run_at("/nowhere", Complete{shell, words}).code, 0);
    }
}

TEST(Completion, PrintsTheFilesThatAreInstalled) {
    EXPECT_EQ(run_at("/nowhere", Completion{"bash"}).results, completion_scripts.bash);
    EXPECT_EQ(run_at("/nowhere", Completion{"fish"}).results, completion_scripts.fish);
    EXPECT_EQ(run_at("/nowhere", Completion{"zsh"}).results, completion_scripts.zsh);
    for (auto const script : {completion_scripts.bash, completion_scripts.fish, completion_scripts.zsh})
        EXPECT_THAT(std::string(script), HasSubstr("__complete"));
}

}  // namespace
}  // namespace sb::ctl
