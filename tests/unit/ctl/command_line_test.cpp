#include "ctl/command_line.hpp"
#include "ctl/usage.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace sb::ctl {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

Result<Invocation> parse(Words const& words, std::optional<std::string> environment = std::nullopt) {
    return parse_command_line(words, {std::move(environment), "/run/default.sock"});
}

template <class T>
T parsed(Words const& words) {
    auto const invocation = parse(words);
    if (!invocation) throw std::runtime_error(invocation.error().context);
    return std::get<T>(invocation->command);
}

std::string refusal(Words const& words) {
    auto const invocation = parse(words);
    if (invocation) return "taken";
    EXPECT_EQ(exit_code_of(invocation.error().code), 2);
    return invocation.error().context;
}

TEST(CommandLine, TakesEveryCommandOfTheContractThatExists) {
    parsed<ShowVms>({"show-vms"});
    parsed<ShowBackups>({"show-backups"});
    parsed<Status>({"status"});
    EXPECT_FALSE(parsed<Version>({"version"}).only_ours);
    EXPECT_TRUE(parsed<Version>({"--version"}).only_ours);
    EXPECT_EQ(parsed<Jobs>({"jobs"}).limit, 100);
    EXPECT_EQ(parsed<Jobs>({"jobs", "--limit", "7"}).limit, 7);
    EXPECT_EQ(parsed<Jobs>({"jobs", "--limit=0"}).limit, 0);
    EXPECT_EQ(parsed<Watch>({"watch"}).job, std::nullopt);
    EXPECT_EQ(parsed<Watch>({"watch", "17"}).job, 17u);
    EXPECT_EQ(parsed<Cancel>({"cancel", "17"}).job, 17u);
    EXPECT_FALSE(parsed<Schedule>({"schedule"}).detach);
    EXPECT_TRUE(parsed<Schedule>({"schedule", "--detach"}).detach);
    EXPECT_EQ(parsed<Runs>({"runs"}).limit, 20);
    EXPECT_EQ(parsed<Runs>({"runs", "--limit", "3"}).limit, 3);
    parsed<ShowQueue>({"show-queue"});
    EXPECT_EQ(parsed<Metrics>({"metrics"}).output, "");
    EXPECT_EQ(parsed<Metrics>({"metrics", "--output", "a b.prom"}).output, "a b.prom");
    EXPECT_THAT(refusal({"metrics", "--output="}), HasSubstr("--output"));
    EXPECT_EQ(parsed<Why>({"why", "FILE 01"}).vm, "FILE 01");
    EXPECT_EQ(parsed<Plan>({"plan"}).days, 7);
    EXPECT_EQ(parsed<Plan>({"plan", "--days=366"}).days, 366);
    EXPECT_TRUE(parsed<Pause>({"pause"}).paused);
    EXPECT_FALSE(parsed<Pause>({"resume"}).paused);
    EXPECT_TRUE(parsed<Adopt>({"adopt"}).folders.empty());
    EXPECT_TRUE(parsed<Adopt>({"adopt"}).protect);
    EXPECT_EQ(parsed<Adopt>({"adopt", "--dry-run", "a b", "c"}).folders, (std::vector<std::string>{"a b", "c"}));
    EXPECT_FALSE(parsed<Adopt>({"adopt", "--no-protect"}).protect);
    EXPECT_FALSE(parsed<Prune>({"prune"}).dry_run);
    EXPECT_TRUE(parsed<Prune>({"prune", "--dry-run"}).dry_run);
    EXPECT_TRUE(parsed<Prune>({"prune", "--yes"}).yes);
    EXPECT_TRUE(parsed<Protect>({"protect", "nightly"}).is_protected);
    EXPECT_FALSE(parsed<Protect>({"unprotect", "nightly"}).is_protected);
    parsed<NotifyTest>({"notify-test"});
    EXPECT_EQ(parsed<Help>({"--help"}).topic, "");
    EXPECT_EQ(parsed<Help>({"backup", "--help"}).topic, "backup");
}

TEST(CommandLine, KeepsNamesAsTheyAre) {
    auto const backup = parsed<Backup>({"backup", "FILE 01 'x'", "näme"});
    EXPECT_EQ(backup.vm, "FILE 01 'x'");
    EXPECT_EQ(backup.name, "näme");
    EXPECT_FALSE(backup.detach);
    auto const restore = parsed<Restore>({"restore", "--detach", "a", "b"});
    EXPECT_EQ(restore.backup, "a");
    EXPECT_EQ(restore.vm, "b");
    EXPECT_TRUE(restore.detach);
    EXPECT_EQ(parsed<Backup>({"backup", "--", "--json", "-x"}).vm, "--json");
}

TEST(CommandLine, TakesGlobalOptionsOnBothSidesOfTheCommand) {
    for (auto const& words : {Words{"--json", "--no-color", "--socket", "/s", "status"},
                              Words{"status", "--json", "--no-color", "--socket=/s"}}) {
        auto const invocation = parse(words);
        ASSERT_TRUE(invocation);
        EXPECT_TRUE(invocation->options.json);
        EXPECT_TRUE(invocation->options.no_color);
        EXPECT_EQ(invocation->options.socket, "/s");
    }
}

TEST(CommandLine, FindsTheSocketInTheOrderOfTheContract) {
    EXPECT_EQ(parse({"status"})->options.socket, "/run/default.sock");
    EXPECT_EQ(parse({"status"}, "/env")->options.socket, "/env");
    EXPECT_EQ(parse({"status"}, "")->options.socket, "/run/default.sock");
    EXPECT_EQ(parse({"--socket", "/s", "status"}, "/env")->options.socket, "/s");
}

TEST(CommandLine, SaysWhatIsWrong) {
    EXPECT_THAT(refusal({}), HasSubstr("no command"));
    EXPECT_THAT(refusal({"bakcup", "a", "b"}), HasSubstr("did you mean 'backup'?"));
    EXPECT_THAT(refusal({"frobnicate"}), testing::Not(HasSubstr("did you mean")));
    EXPECT_THAT(refusal({"--jsno", "status"}), HasSubstr("did you mean '--json'?"));
    EXPECT_THAT(refusal({"--js", "status"}), HasSubstr("unknown option"));
    EXPECT_THAT(refusal({"backup", "FILE01"}), HasSubstr("takes a VM and a name, got 1"));
    EXPECT_THAT(refusal({"backup", "FILE", "01", "x"}), HasSubstr("quotes"));
    EXPECT_THAT(refusal({"backup", "", "x"}), HasSubstr("empty"));
    EXPECT_THAT(refusal({"restore"}), HasSubstr("takes a backup"));
    EXPECT_THAT(refusal({"show-vms", "x"}), HasSubstr("no arguments"));
    EXPECT_THAT(refusal({"cancel"}), HasSubstr("one job's id"));
    EXPECT_THAT(refusal({"status", "--detach"}), HasSubstr("has no option '--detach'"));
    EXPECT_THAT(refusal({"status", "--limit", "3"}), HasSubstr("has no option '--limit'"));
    EXPECT_THAT(refusal({"shedule"}), HasSubstr("did you mean 'schedule'?"));
    EXPECT_THAT(refusal({"show-que"}), HasSubstr("did you mean 'show-queue'?"));
    EXPECT_THAT(refusal({"unprotcet", "x"}), HasSubstr("did you mean 'unprotect'?"));
    EXPECT_THAT(refusal({"prune", "--dryrun"}), HasSubstr("did you mean '--dry-run'?"));
    EXPECT_THAT(refusal({"plan", "--day", "3"}), HasSubstr("did you mean '--days'?"));
    EXPECT_THAT(refusal({"why"}), HasSubstr("takes one VM, got 0"));
    EXPECT_THAT(refusal({"why", "FILE", "01"}), HasSubstr("quotes"));
    EXPECT_THAT(refusal({"why", ""}), HasSubstr("empty"));
    EXPECT_THAT(refusal({"protect"}), HasSubstr("takes one backup, got 0"));
    EXPECT_THAT(refusal({"schedule", "now"}), HasSubstr("no arguments"));
    EXPECT_THAT(refusal({"pause", "--detach"}), HasSubstr("has no option '--detach'"));
    EXPECT_THAT(refusal({"schedule", "--yes"}), HasSubstr("has no option '--yes'"));
    EXPECT_THAT(refusal({"backup", "a", "b", "--dry-run"}), HasSubstr("has no option '--dry-run'"));
    EXPECT_THAT(refusal({"prune", "--dry-run", "--yes"}), HasSubstr("exclude each other"));
    for (auto const* days : {"0", "367", "x", "-1", ""}) {
        EXPECT_THAT(refusal({"plan", std::string("--days=") + days}), HasSubstr("days")) << days;
    }
    EXPECT_THAT(refusal({"--socket", "", "status"}), HasSubstr("--socket"));
    EXPECT_THAT(refusal({"jobs", "--limit"}), HasSubstr("limit"));
    for (auto const* limit : {"-1", "x", "1.5", "", "999999999999"}) refusal({"jobs", std::string("--limit=") + limit});
    for (auto const* job : {"0", "x", "1x", "18446744073709551616", ""}) {
        EXPECT_THAT(refusal({"watch", job}), HasSubstr("not a job's id")) << job;
    }
}

TEST(Usage, EveryPageFitsOnATerminalAndHasAnExample) {
    Words topics{""};
    for (auto const& command : command_words()) topics.emplace_back(command.word);
    for (auto const& topic : topics) {
        auto const page = help_page(topic);
        EXPECT_THAT(page, HasSubstr("Example:")) << topic;
        std::istringstream lines(page);
        int count = 0;
        for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 79u) << line;
        EXPECT_LE(count, 23) << topic;
    }
}

TEST(Usage, TheOverviewNamesEveryCommand) {
    auto const overview = help_page("");
    for (auto const& command : command_words()) {
        auto const entry = "  " + std::string(command.word) + " ";
        EXPECT_THAT(overview, HasSubstr(entry));
        EXPECT_THAT(overview, HasSubstr(" " + std::string(command.summary)));
    }
}

TEST(Usage, ListsNoCommandThatCannotBeCarriedOut) {
    for (auto const& command : command_words()) {
        EXPECT_THAT(refusal({std::string(command.word), "1", "1", "1"}), testing::Not(HasSubstr("unknown command")));
    }
    EXPECT_THAT(refusal({"defragment"}), HasSubstr("unknown command"));
}

}  // namespace
}  // namespace sb::ctl
