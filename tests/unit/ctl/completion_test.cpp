// Completion: what is possible at the cursor, which names match, and how bash receives them.
#include "ctl/cli/command_line.hpp"
#include "ctl/cli/bash_line.hpp"
#include "ctl/cli/completion.hpp"
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
    ASSERT_EQ(expectation.kind, ValueKind::choice);
    for (auto const& command : command_table())
        if (!command.internal) EXPECT_THAT(values(expectation.words), Contains(command.word));
    EXPECT_EQ(values(at({"help"}).words), values(expectation.words));
    EXPECT_THAT(values(expectation.words), Not(Contains("__complete")));
    EXPECT_EQ(at({"--json", "--socket", "/run/x"}).kind, ValueKind::choice);
}

TEST(CompletionExpects, WhatTheCommandDeclares) {
    EXPECT_EQ(at({"backup"}).kind, ValueKind::vm);
    EXPECT_EQ(at({"backup", "FILE01"}).kind, ValueKind::new_name);
    EXPECT_EQ(at({"backup", "FILE01", "x"}).kind, std::nullopt);
    EXPECT_EQ(at({"restore"}).kind, ValueKind::backup);
    EXPECT_EQ(at({"restore", "x"}).kind, ValueKind::new_name);
    EXPECT_EQ(at({"--no-color", "why"}).kind, ValueKind::vm);
    EXPECT_EQ(at({"watch"}).kind, ValueKind::job);
    EXPECT_EQ(at({"cancel"}).kind, ValueKind::unfinished_job);
    EXPECT_EQ(at({"protect"}).kind, ValueKind::unprotected_backup);
    EXPECT_EQ(at({"unprotect"}).kind, ValueKind::protected_backup);
    EXPECT_EQ(at({"delete"}).kind, ValueKind::unprotected_backup);
    EXPECT_EQ(at({"undelete"}).kind, ValueKind::deleted_backup);
    EXPECT_EQ(at({"accept"}).kind, ValueKind::unaccepted_backup);
    EXPECT_EQ(at({"link"}).kind, ValueKind::earlier_vm);
    EXPECT_EQ(at({"link", "x"}).kind, ValueKind::vm);
    EXPECT_EQ(at({"show-vms"}).kind, std::nullopt);
    EXPECT_EQ(at({"no-such-command"}).kind, std::nullopt);
    EXPECT_THAT(values(at({"completion"}).words), ElementsAre("bash", "fish", "zsh"));
}

TEST(CompletionExpects, OptionsOfTheCommandThatAreNotThereYet) {
    auto const prune = at({"prune", "--yes"}, "-");
    ASSERT_EQ(prune.kind, ValueKind::choice);
    EXPECT_THAT(values(prune.words), Contains("--dry-run"));
    EXPECT_THAT(values(prune.words), Not(Contains("--yes")));
    EXPECT_THAT(values(prune.words), Contains("--json"));
    EXPECT_THAT(values(prune.words), Not(Contains("--detach")));
    EXPECT_THAT(values(at({}, "--").words), Contains("--version"));
    EXPECT_EQ(at({"restore", "--"}, "-x").kind, ValueKind::backup);
}

TEST(CompletionExpects, ValuesOfOptions) {
    EXPECT_EQ(at({"--socket"}).kind, ValueKind::file);
    EXPECT_EQ(at({"jobs", "--limit"}).kind, ValueKind::number);
    EXPECT_THAT(values(at({"verify", "--level"}).words), ElementsAre("structure", "content", "reread"));
    EXPECT_THAT(values(at({"verify", "x", "y"}, "--level=c").words),
                ElementsAre("--level=structure", "--level=content", "--level=reread"));
    EXPECT_EQ(at({"verify", "--level", "content"}).kind, ValueKind::backup);
    EXPECT_THAT(at({"jobs"}, "--limit=").words, IsEmpty());
    EXPECT_THAT(at({"jobs"}, "--level=").words, IsEmpty());
    EXPECT_EQ(at({"backup", "--detach"}).kind, ValueKind::vm);
    EXPECT_EQ(at({"--socket", "/a b", "why"}).socket, "/a b");
    EXPECT_EQ(at({"--socket=/c", "why"}).socket, "/c");
}

TEST(CompletionExpects, OffersExactlyTheOptionsThatACommandTakes) {
    for (auto const& command : command_table()) {
        if (command.internal) continue;
        auto const offered = values(at({std::string(command.word)}, "-").words);
        for (auto const& option : command.options) EXPECT_THAT(offered, Contains("--" + std::string(option.name)));
        EXPECT_EQ(offered.size(), command.options.size() + 4)
            << command.word << ": --socket, --json, --no-color, --help";
    }
}

TEST(CompletionExpects, EveryWordThatIsOfferedIsAccepted) {
    for (auto const& level : values(at({"verify", "--level"}).words))
        EXPECT_TRUE(parse_command_line({"verify", "--level", level}, {std::nullopt, "/s"})) << level;
    for (auto const& shell : values(at({"completion"}).words))
        EXPECT_TRUE(parse_command_line({"completion", shell}, {std::nullopt, "/s"})) << shell;
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

RenderOptions at_noon() {
    RenderOptions options;
    options.now = noon;
    return options;
}

std::vector<Candidate> names(ValueKind kind, CompletionFacts const& facts) {
    Expectation expectation;
    expectation.kind = kind;
    return candidates_of(expectation, facts, at_noon());
}

TEST(CompletionCandidates, VmsAreSortedAndTwinsGoByUuid) {
    CompletionFacts facts;
    facts.vms = {vm("web", "u1"), vm("Büro $1", "u2"), vm("twin", "u4"), vm("twin", "u3")};
    EXPECT_THAT(values(names(ValueKind::vm, facts)), ElementsAre("Büro $1", "u3", "u4", "web"));
    EXPECT_EQ(names(ValueKind::vm, facts)[1].note, "twin");
    EXPECT_EQ(names(ValueKind::vm, facts)[3].note, "RUNNING");
}

TEST(CompletionCandidates, HostileNamesAreLeftOut) {
    CompletionFacts facts;
    facts.vms = {vm("a\nb", "u1"), vm("\x1b[2J", "u2"), vm("good", "u3"), vm("a\tb", "u4"), vm("", "u5")};
    EXPECT_THAT(values(names(ValueKind::vm, facts)), ElementsAre("good"));
    facts.vms = {vm("twin\x1b[2J\n", "u1"), vm("twin\x1b[2J\n", "u2")};
    for (auto const& one : names(ValueKind::vm, facts)) EXPECT_EQ(one.note, "twin\\x1b[2J\\n");
}

TEST(CompletionCandidates, ANameThatLooksLikeAnOptionIsOfferedAfterTwoDashes) {
    CompletionFacts facts;
    facts.vms = {vm("-h", "u1"), vm("--json", "u2"), vm("good", "u3")};
    auto expectation = at({"why"});
    EXPECT_THAT(values(candidates_of(expectation, facts, at_noon())), ElementsAre("good", "--"));
    expectation = at({"why", "--"});
    EXPECT_THAT(values(candidates_of(expectation, facts, at_noon())), ElementsAre("--json", "-h", "good"));
    facts.vms = {vm("good", "u3")};
    expectation = at({"why"});
    EXPECT_THAT(values(candidates_of(expectation, facts, at_noon())), ElementsAre("good"));
    EXPECT_EQ(expectation_of({{"why", "--"}, "-"}).kind, ValueKind::vm) << "no options after them";
}

TEST(CompletionCandidates, BackupsNewestFirst) {
    CompletionFacts facts;
    facts.backups = {backup("old", "complete", 48), backup("now", "exporting", 0), backup("kept", "damaged", 5, true)};
    EXPECT_EQ(names(ValueKind::backup, facts),
              (std::vector<Candidate>{{"kept", "damaged, FILE01, 5 h ago"}, {"old", "complete, FILE01, 2 days ago"}}));
    EXPECT_THAT(values(names(ValueKind::protected_backup, facts)), ElementsAre("kept"));
    EXPECT_THAT(values(names(ValueKind::unprotected_backup, facts)), ElementsAre("old"));
}

TEST(CompletionCandidates, OnlyBackupsWhoseExportIsNotKnownToBeCompleteCanBeAccepted) {
    CompletionFacts facts;
    facts.backups = {backup("known", "complete", 1), backup("not known", "complete", 2)};
    facts.backups.back().end_known = false;
    EXPECT_THAT(values(names(ValueKind::unaccepted_backup, facts)), ElementsAre("not known"));
}

TEST(CompletionCandidates, OfDeletedBackupsWithOneNameTheOlderOnesGoByTheirEntry) {
    CompletionFacts facts;
    auto const deleted = [](std::string name, std::string entry, int hours_ago) {
        rpc::DeletedInfo info;
        info.name = std::move(name);
        info.entry = std::move(entry);
        info.deleted = noon - std::chrono::hours{hours_ago};
        return info;
    };
    facts.deleted = {deleted("friday", "deleted-1", 5), deleted("friday", "deleted-2", 2),
                     deleted("b", "deleted-3", 9)};
    EXPECT_EQ(names(ValueKind::deleted_backup, facts),
              (std::vector<Candidate>{
                  {"friday", "deleted 2 h ago"}, {"deleted-1", "friday, deleted 5 h ago"}, {"b", "deleted 9 h ago"}}));
}

TEST(CompletionCandidates, EarlierVmsByTheirUuids) {
    CompletionFacts facts;
    facts.links.possible = {{"web1", "1111", "web1", "2222", 3, ""}};
    facts.links.links = {{"web2", "3333", "web2", "4444", noon, 1, true}};
    EXPECT_EQ(names(ValueKind::earlier_vm, facts),
              (std::vector<Candidate>{{"1111", "web1, 3 backups"}, {"3333", "web2, linked"}}));
}

TEST(CompletionCandidates, JobsAndDisks) {
    CompletionFacts facts;
    facts.jobs = {job_of(17, "running", "following", 40), job_of(16, "succeeded", "finished")};
    EXPECT_THAT(values(names(ValueKind::job, facts)), ElementsAre("17", "16"));
    EXPECT_THAT(values(names(ValueKind::unfinished_job, facts)), ElementsAre("17"));
    EXPECT_EQ(names(ValueKind::job, facts)[0].note, "backup of FILE01, exporting 40 %");
    facts.vms = {vm("FILE01", "u1", {{"d1", "VIRTIO_DISK", 1u << 30, 0}})};
    EXPECT_EQ(names(ValueKind::disk, facts), (std::vector<Candidate>{{"d1", "FILE01, VIRTIO_DISK, 1 GiB"}}));
}

TEST(CompletionCandidates, ANameThatIsThereIsNotOfferedAgain) {
    CompletionFacts facts;
    facts.backups = {backup("a", "complete", 1), backup("b", "complete", 2)};
    Expectation expectation;
    expectation.kind = ValueKind::backup;
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
    EXPECT_TRUE(parsed.arguments.command().internal);
    EXPECT_THAT(parsed.arguments.texts("WORD"), ElementsAre("zsh", "--socket", "/x", "--nonsense", "-"));
    EXPECT_EQ(parsed.options.socket, "/run/default");
}

TEST(Completion, AsksTheDaemonThatTheLineNames) {
    rpc::ListVms::Reply reply;
    reply.vms = {vm("Büro $1", "u1")};
    FakeDaemon daemon({[&](FakePeer& peer) { peer.answer<rpc::ListVms>(reply); }});
    auto const ran = run_at("/nowhere", {"__complete", "fish", "--socket", daemon.socket(), "why", ""});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "words\nBüro $1\tRUNNING\n");
}

TEST(Completion, IsSilentWithoutADaemon) {
    for (auto const* command : {"why", "restore", "watch"}) {
        auto const ran = run_at("/nowhere/at/all", {"__complete", "zsh", command, ""});
        EXPECT_EQ(ran.code, 0);
        EXPECT_EQ(ran.out, "words\n");
        EXPECT_EQ(ran.err, "");
    }
}

TEST(Completion, IsSilentWhenTheDaemonHangsOrRefuses) {
    FakeDaemon hanging({[](FakePeer& peer) { peer.await_end(); }});
    auto ran = run_at(hanging.socket(), {"__complete", "zsh", "why", ""});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out + ran.err, "words\n");
    FakeDaemon refusing({[](FakePeer& peer) { peer.refuse({Errc::not_permitted, "no"}); }});
    ran = run_at(refusing.socket(), {"__complete", "zsh", "why", ""});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out + ran.err, "words\n");
}

TEST(Completion, SurvivesNonsense) {
    EXPECT_EQ(run_at("/nowhere", {"__complete"}).code, 0);
    for (auto const& words : std::vector<Words>{{}, {"x"}, {"", "", ""}, {"\xff", "\"'"}, {"a", "b", "c", "d"}}) {
        for (auto const* shell : {"bash", "zsh", "fish", "", "tcsh"}) {
            Words line{"__complete", shell};
            line.insert(line.end(), words.begin(), words.end());
            EXPECT_EQ(run_at("/nowhere", line).code, 0);
        }
    }
}

TEST(Completion, PrintsTheFilesThatAreInstalled) {
    EXPECT_EQ(run_at("/nowhere", {"completion", "bash"}).out, completion_scripts.bash);
    EXPECT_EQ(run_at("/nowhere", {"completion", "fish"}).out, completion_scripts.fish);
    EXPECT_EQ(run_at("/nowhere", {"completion", "zsh"}).out, completion_scripts.zsh);
    for (auto const script : {completion_scripts.bash, completion_scripts.fish, completion_scripts.zsh})
        EXPECT_THAT(std::string(script), HasSubstr("__complete"));
}

}  // namespace
}  // namespace sb::ctl
