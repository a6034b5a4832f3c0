#include "common/json/document.hpp"
#include "ctl/cli/command_line.hpp"
#include "ctl/cli/global_options.hpp"
#include "ctl/cli/help.hpp"

#include <gmock/gmock.h>

#include <set>
#include <sstream>

namespace sb::ctl {
namespace {

using testing::Eq;
using testing::HasSubstr;
using Words = std::vector<std::string>;

Result<Invocation> parse(Words const& words, std::optional<std::string> environment = std::nullopt) {
    return parse_command_line(words, {std::move(environment), "/run/default.sock"});
}

Arguments parsed(Words const& words) {
    auto const invocation = parse(words);
    if (!invocation) throw std::runtime_error(invocation.error().context);
    return invocation->arguments;
}

std::string refusal(Words const& words) {
    auto const invocation = parse(words);
    if (invocation) return "accepted";
    EXPECT_EQ(exit_code_of(invocation.error().code), 2);
    return invocation.error().context;
}

TEST(CommandLine, AcceptsEveryCommandOfTheContractThatExists) {
    for (auto const* word : {"show-vms", "show-backups", "status", "show-queue", "schedule", "pause", "resume",
                             "interactive-restore", "doctor", "reload", "notify-test", "version", "help"})
        EXPECT_EQ(parsed({word}).command().word, word);
    EXPECT_FALSE(parsed({"version"}).has("client"));
    EXPECT_TRUE(parsed({"--version"}).has("client"));
    EXPECT_EQ(parsed({"clock", "accept"}).text("ACTION"), "accept");
    EXPECT_THAT(refusal({"clock", "set"}), HasSubstr("accept"));
    EXPECT_THAT(refusal({"clock"}), HasSubstr("ACTION"));
    EXPECT_EQ(parsed({"jobs"}).number("limit"), 100);
    EXPECT_EQ(parsed({"jobs", "--limit", "7"}).number("limit"), 7);
    EXPECT_EQ(parsed({"jobs", "--limit=0"}).number("limit"), 0);
    EXPECT_EQ(parsed({"watch"}).job("JOB"), std::nullopt);
    EXPECT_EQ(parsed({"watch", "17"}).job("JOB"), 17u);
    EXPECT_EQ(parsed({"cancel", "17"}).job("JOB"), 17u);
    EXPECT_FALSE(parsed({"schedule"}).has("detach"));
    EXPECT_TRUE(parsed({"schedule", "--detach"}).has("detach"));
    EXPECT_EQ(parsed({"runs"}).number("limit"), 20);
    EXPECT_EQ(parsed({"runs", "--limit", "3"}).number("limit"), 3);
    EXPECT_THAT(refusal({"runs", "--limit", "0"}), HasSubstr("--limit takes a whole number from 1 to 100000"));
    EXPECT_EQ(parsed({"metrics"}).text("output"), "");
    EXPECT_EQ(parsed({"metrics", "--output", "a b.prom"}).text("output"), "a b.prom");
    EXPECT_THAT(refusal({"metrics", "--output="}), HasSubstr("--output"));
    EXPECT_EQ(parsed({"why", "FILE 01"}).text("VM"), "FILE 01");
    EXPECT_EQ(parsed({"plan"}).number("days"), 7);
    EXPECT_EQ(parsed({"plan", "--days=366"}).number("days"), 366);
    EXPECT_EQ(parsed({"verify"}).text("level"), "content");
    EXPECT_EQ(parsed({"verify", "--level", "reread", "a b", "c"}).texts("NAME"), (Words{"a b", "c"}));
    EXPECT_TRUE(parsed({"adopt"}).texts("NAME").empty());
    EXPECT_EQ(parsed({"adopt", "--dry-run", "a b", "c"}).texts("NAME"), (Words{"a b", "c"}));
    EXPECT_TRUE(parsed({"adopt", "--no-protect"}).has("no-protect"));
    EXPECT_FALSE(parsed({"prune"}).has("dry-run"));
    EXPECT_TRUE(parsed({"prune", "--dry-run"}).has("dry-run"));
    EXPECT_TRUE(parsed({"prune", "--yes"}).has("yes"));
    EXPECT_EQ(parsed({"protect", "nightly"}).text("NAME"), "nightly");
    EXPECT_EQ(parsed({"unprotect", "nightly"}).text("NAME"), "nightly");
    EXPECT_TRUE(parsed({"upload-disk-media", "--wait", "a.img"}).has("wait"));
    EXPECT_EQ(parsed({"clone-disk", "d1", "FILE01"}).text("TARGET-VM"), "FILE01");
    EXPECT_EQ(parsed({"completion", "zsh"}).text("SHELL"), "zsh");
}

TEST(CommandLine, HelpIsACommandAndAnOption) {
    EXPECT_EQ(parsed({"--help"}).command().word, "help");
    EXPECT_EQ(parsed({"--help"}).text("COMMAND"), "");
    EXPECT_EQ(parsed({"backup", "--help"}).command().word, "help");
    EXPECT_EQ(parsed({"backup", "--help"}).text("COMMAND"), "backup");
    EXPECT_EQ(parsed({"help", "backup"}).text("COMMAND"), "backup");
    EXPECT_THAT(refusal({"help", "bakcup"}), HasSubstr("did you mean 'backup'?"));
}

TEST(CommandLine, AskingForWhatACommandDoesNotDeclareIsABug) {
    EXPECT_THROW(parsed({"jobs"}).text("VM"), std::logic_error);
    EXPECT_THROW(parsed({"jobs"}).has("detach"), std::logic_error);
}

TEST(CommandLine, KeepsNamesAsTheyAre) {
    auto const backup = parsed({"backup", "FILE 01 'x'", "näme"});
    EXPECT_EQ(backup.text("VM"), "FILE 01 'x'");
    EXPECT_EQ(backup.text("NAME"), "näme");
    EXPECT_FALSE(backup.has("detach"));
    auto const restore = parsed({"restore", "--detach", "a", "b"});
    EXPECT_EQ(restore.text("NAME"), "a");
    EXPECT_EQ(restore.text("NEW-VM"), "b");
    EXPECT_TRUE(restore.has("detach"));
    EXPECT_EQ(parsed({"backup", "--", "--json", "-x"}).text("VM"), "--json");
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

TEST(CommandLine, ReportsWhatIsWrong) {
    EXPECT_THAT(refusal({}), HasSubstr("no command"));
    EXPECT_THAT(refusal({"bakcup", "a", "b"}), HasSubstr("did you mean 'backup'?"));
    EXPECT_THAT(refusal({"frobnicate"}), testing::Not(HasSubstr("did you mean")));
    EXPECT_THAT(refusal({"--jsno", "status"}), HasSubstr("did you mean '--json'?"));
    EXPECT_THAT(refusal({"--js", "status"}), HasSubstr("unknown option"));
    EXPECT_THAT(refusal({"backup", "FILE01"}), Eq("missing NAME. Usage: backup VM NAME [--detach]"));
    EXPECT_THAT(refusal({"backup", "FILE", "01", "x"}),
                Eq("unexpected 'x' (a name with spaces needs quotes). Usage: backup VM NAME [--detach]"));
    EXPECT_THAT(refusal({"backup", "", "x"}), HasSubstr("empty"));
    EXPECT_THAT(refusal({"restore"}),
                Eq("missing NAME and NEW-VM. Usage: restore NAME NEW-VM [--detach] [--verify] [--force]"));
    EXPECT_THAT(refusal({"show-vms", "x"}), Eq("unexpected 'x'. Usage: show-vms"));
    EXPECT_THAT(refusal({"cancel"}), Eq("missing JOB. Usage: cancel JOB"));
    EXPECT_THAT(refusal({"status", "--detach"}), HasSubstr("has no option '--detach'"));
    EXPECT_THAT(refusal({"status", "--limit", "3"}), HasSubstr("has no option '--limit'"));
    EXPECT_THAT(refusal({"shedule"}), HasSubstr("did you mean 'schedule'?"));
    EXPECT_THAT(refusal({"show-que"}), HasSubstr("did you mean 'show-queue'?"));
    EXPECT_THAT(refusal({"unprotcet", "x"}), HasSubstr("did you mean 'unprotect'?"));
    EXPECT_THAT(refusal({"prune", "--dryrun"}), HasSubstr("did you mean '--dry-run'?"));
    EXPECT_THAT(refusal({"plan", "--day", "3"}), HasSubstr("did you mean '--days'?"));
    EXPECT_THAT(refusal({"why"}), Eq("missing VM. Usage: why VM"));
    EXPECT_THAT(refusal({"why", "FILE", "01"}), HasSubstr("quotes"));
    EXPECT_THAT(refusal({"why", ""}), HasSubstr("empty"));
    EXPECT_THAT(refusal({"protect"}), Eq("missing NAME. Usage: protect NAME"));
    EXPECT_THAT(refusal({"schedule", "now"}), Eq("unexpected 'now'. Usage: schedule [--detach]"));
    EXPECT_THAT(refusal({"pause", "--detach"}), HasSubstr("has no option '--detach'"));
    EXPECT_THAT(refusal({"schedule", "--yes"}), HasSubstr("has no option '--yes'"));
    EXPECT_THAT(refusal({"backup", "a", "b", "--dry-run"}), HasSubstr("has no option '--dry-run'"));
    EXPECT_THAT(refusal({"prune", "--dry-run", "--yes"}), HasSubstr("exclude each other"));
    for (auto const* days : {"0", "367", "x", "-1", ""}) {
        EXPECT_THAT(refusal({"plan", std::string("--days=") + days}), HasSubstr("days")) << days;
    }
    EXPECT_THAT(refusal({"completion", "tcsh"}), HasSubstr("SHELL takes bash, fish or zsh, got 'tcsh'"));
    EXPECT_THAT(refusal({"verify", "--level", "x"}), HasSubstr("--level takes structure, content or reread"));
    EXPECT_THAT(refusal({"--socket", "", "status"}), HasSubstr("--socket"));
    EXPECT_THAT(refusal({"jobs", "--limit"}), HasSubstr("limit"));
    for (auto const* limit : {"-1", "x", "1.5", "", "999999999999"}) refusal({"jobs", std::string("--limit=") + limit});
    for (auto const* job : {"0", "x", "1x", "18446744073709551616", ""}) {
        EXPECT_THAT(refusal({"watch", job}), HasSubstr("is not a job id")) << job;
    }
}

TEST(CommandLine, OptionErrorsPointToTheHelpOfTheCommand) {
    EXPECT_EQ(refusal({"prune", "--foo"}), "unknown option '--foo'. See 'scale-backupctl prune --help'");
    EXPECT_EQ(refusal({"--foo", "prune"}), "unknown option '--foo'. See 'scale-backupctl prune --help'");
    EXPECT_EQ(refusal({"--foo"}), "unknown option '--foo'. See 'scale-backupctl --help'");
    EXPECT_THAT(refusal({"status", "--limt", "3"}), testing::Not(HasSubstr("did you mean"))) << "status has no --limit";
    EXPECT_EQ(refusal({"jobs", "--limit"}), "--limit needs a value. See 'scale-backupctl jobs --help'");
    EXPECT_EQ(refusal({"jobs", "--limit="}), "--limit needs a value. See 'scale-backupctl jobs --help'");
}

TEST(CommandLine, OptionErrorsAreInItsOwnWords) {
    for (auto const* given : {"--json=", "--json=x"})
        EXPECT_EQ(refusal({"status", given}), "--json takes no value. See 'scale-backupctl status --help'");
    EXPECT_EQ(refusal({"prune", "--dry-run=yes"}), "--dry-run takes no value. See 'scale-backupctl prune --help'");
    EXPECT_EQ(refusal({"jobs", "--limit", "1", "--limit", "2"}),
              "--limit may be given only once. See 'scale-backupctl jobs --help'");
}

TEST(CommandLine, RejectsNamesThatAreNotUtf8) {
    EXPECT_THAT(refusal({"restore", "n\xE4me", "x"}), HasSubstr("NAME is not valid UTF-8"));
    EXPECT_THAT(refusal({"backup", "FILE01", "\xFF"}), HasSubstr("NAME is not valid UTF-8"));
    EXPECT_THAT(refusal({"why", "\xC0\x80"}), HasSubstr("VM is not valid UTF-8"));
    EXPECT_THAT(refusal({"verify", "a", "\xFF"}), HasSubstr("NAME is not valid UTF-8"));
    EXPECT_EQ(parsed({"metrics", "--output", "\xE4.prom"}).text("output"), "\xE4.prom") << "a path is any bytes";
}

TEST(CommandLine, RejectsNamesThatNoRequestCanHold) {
    auto const text = refusal({"protect", std::string(70'000, 'x')});
    EXPECT_THAT(text, testing::StartsWith("NAME is too long: 70000 bytes, at most 32768 are possible."));
    EXPECT_LT(text.size(), 200u);
}

TEST(CommandLine, KnowsWhetherItsErrorsAreToBeJson) {
    EXPECT_TRUE(wants_json({"--json", "bakcup"}));
    EXPECT_TRUE(wants_json({"backup", "--json"}));
    EXPECT_FALSE(wants_json({"backup", "--", "--json"}));
    EXPECT_FALSE(wants_json({"backup"}));
    EXPECT_FALSE(wants_json({"__complete", "bash", "--json"}));
}

TEST(Help, EveryPageFitsOnATerminalAndHasAnExample) {
    std::vector<CommandSpec const*> topics{nullptr};
    for (auto const& command : command_table())
        if (!command.internal) topics.push_back(&command);
    for (auto const* topic : topics) {
        auto const page = help_page(topic);
        EXPECT_THAT(page, testing::ContainsRegex("Examples?:")) << page;
        std::istringstream lines(page);
        int count = 0;
        for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 79u) << line;
        EXPECT_LE(count, 23) << page;
    }
}

TEST(Help, ShowsArgumentsOptionsAndDefaults) {
    EXPECT_EQ(help_page(find_command("jobs")),
              "Usage: scale-backupctl jobs [--limit N]\n\n"
              "Lists queued, running and finished jobs, newest first. Errors and failed hooks\n"
              "are listed below their job.\n\n"
              "  --limit N  at most N finished jobs (default: 100)\n\n"
              "Example:\n  scale-backupctl jobs --limit 10\n");
    EXPECT_THAT(help_page(find_command("verify")),
                HasSubstr("Usage: scale-backupctl verify [NAME...] [--level LEVEL] [--detach]\n"));
}

TEST(Help, TheOverviewNamesEveryCommand) {
    auto const overview = help_page(nullptr);
    for (auto const& command : command_table()) {
        if (command.internal) continue;
        EXPECT_THAT(overview, HasSubstr("  " + std::string(command.word) + " "));
        EXPECT_THAT(overview, HasSubstr(" " + std::string(command.summary)));
    }
    EXPECT_THAT(overview, testing::Not(HasSubstr("__complete")));
}

TEST(Help, IsThereForProgramsToo) {
    auto const all = json::Document::parse(help_json(nullptr, json::Layout::compact));
    ASSERT_TRUE(all);
    EXPECT_EQ(all->root().at(0)["command"].text(), "show-vms");
    auto const one = json::Document::parse(help_json(find_command("jobs"), json::Layout::compact));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->root()["usage"].text(), "jobs [--limit N]");
    EXPECT_EQ(one->root()["options"].at(0)["name"].text(), "--limit");
}

TEST(Help, TheOverviewShowsTheGlobalOptions) {
    auto const overview = help_page(nullptr);
    EXPECT_TRUE(
        overview.starts_with("Usage: scale-backupctl [--socket PATH] [--json] [--no-color] COMMAND ...\n  show-vms "));
    EXPECT_TRUE(
        overview.ends_with("\n"
                           "  --socket PATH  the daemon's socket (or SCALE_BACKUP_SOCKET)\n"
                           "  --json         JSON on stdout; also --no-color (NO_COLOR), --help, --version\n"
                           "Example: scale-backupctl backup FILE01 'before the update'\n"))
        << overview;
}

std::string clash_in(std::vector<Option> options, std::vector<Option> of_another = {}) {
    try {
        require_distinct_options(
            {{.word = "one", .options = std::move(options)}, {.word = "other", .options = std::move(of_another)}});
    } catch (std::logic_error const& clash) {
        return clash.what();
    }
    return "";
}

TEST(CommandTable, NoOptionHasTwoMeanings) {
    EXPECT_NO_THROW(require_distinct_options(command_table()));
    EXPECT_EQ(clash_in({{.name = "a"}, {.name = "b", .value_name = "N"}}, {{.name = "a"}}), "");
    for (auto const& global : global_options())
        EXPECT_EQ(clash_in({{.name = "a"}, global.option}),
                  "one --" + std::string(global.option.name) + " has the name of a global option");
    EXPECT_EQ(clash_in({{.name = "a"}, {.name = "a"}}), "one --a is declared twice");
    EXPECT_EQ(clash_in({{.name = "a"}}, {{.name = "a", .value_name = "N"}}),
              "other --a takes a value in one command and none in another");
}

TEST(CommandTable, EveryRowIsCompleteAndItsWordUnique) {
    std::set<std::string_view> words;
    for (auto const& command : command_table()) {
        EXPECT_TRUE(words.insert(command.word).second) << command.word;
        EXPECT_NE(command.run, nullptr) << command.word;
        if (command.internal) continue;
        EXPECT_EQ(find_command(command.word), &command);
        EXPECT_FALSE(command.summary.empty() || command.details.empty() || command.examples.empty()) << command.word;
        for (auto const& argument : command.arguments)
            EXPECT_EQ(argument.repeats, argument.repeats && &argument == &command.arguments.back());
    }
    EXPECT_THAT(refusal({"defragment"}), HasSubstr("unknown command"));
}

}  // namespace
}  // namespace sb::ctl
