#include "daemon/hooks/outcome_text.hpp"
#include "daemon/hooks/template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::hooks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> expanded(std::string_view command, Variables const& variables) {
    auto argv = expand(command, variables);
    EXPECT_TRUE(argv) << argv.error().context;
    return argv ? *argv : std::vector<std::string>();
}

TEST(HookTemplate, SplitsBeforeItReplacesSoThatAValueWithSpacesStaysOneArgument) {
    auto const variables = variables_of(info_of(HookKind::pre_backup), "web server  1", "/mnt/my backups",
                                        "2026-11-23_05-00-00 web server  1");
    EXPECT_THAT(expanded("/path/to/program {{VMName}} {{LocalPath}}/{{BackupName}}", variables),
                ElementsAre("/path/to/program", "web server  1", "/mnt/my backups/2026-11-23_05-00-00 web server  1"));
}

TEST(HookTemplate, EveryKindOfWhiteSpaceSeparatesAndNoneIsLeft) {
    EXPECT_THAT(expanded("\t /p  a\t\tb \n c\r\n", {}), ElementsAre("/p", "a", "b", "c"));
}

TEST(HookTemplate, NothingIsQuotedOrEscaped) {
    EXPECT_THAT(expanded(R"(/p 'a b' "c" $HOME \n * ; `id` {{VMName}})",
                         variables_of(info_of(HookKind::pre_backup), "$(id) 'x'", "", "")),
                ElementsAre("/p", "'a", "b'", "\"c\"", "$HOME", "\\n", "*", ";", "`id`", "$(id) 'x'"));
}

TEST(HookTemplate, AValueIsNotSearchedForVariables) {
    EXPECT_THAT(expanded("/p {{VMName}}", variables_of(info_of(HookKind::pre_backup), "{{LocalPath}}", "/secret", "b")),
                ElementsAre("/p", "{{LocalPath}}"));
    EXPECT_THAT(expanded("/p {{VMName}}LocalPath}}", variables_of(info_of(HookKind::pre_backup), "{{", "/secret", "b")),
                ElementsAre("/p", "{{LocalPath}}"));
}

TEST(HookTemplate, AVariableOfAnotherHookStaysAsWritten) {
    auto const variables = variables_of(info_of(HookKind::pre_schedule), "vm", "/mnt", "backup");
    EXPECT_THAT(expanded("/p {{VMName}} {{localpath}} {{ LocalPath }} {{LocalPath {LocalPath} }}{{ {{}}", variables),
                ElementsAre("/p", "{{VMName}}", "{{localpath}}", "{{", "LocalPath", "}}", "{{LocalPath", "{LocalPath}",
                            "}}{{", "{{}}"));
    EXPECT_THAT(expanded("/p {{{LocalPath}}} {{x{{LocalPath}}}}", variables), ElementsAre("/p", "{/mnt}", "{{x/mnt}}"));
}

TEST(HookTemplate, AVariableMayAppearSeveralTimesInAWord) {
    EXPECT_THAT(expanded("/p {{BackupName}}:{{BackupName}}={{NewVMName}}",
                         variables_of(info_of(HookKind::pre_restore), "n", "/l", "b")),
                ElementsAre("/p", "b:b=n"));
}

TEST(HookTemplate, AnEmptyValueIsAnEmptyArgument) {
    EXPECT_THAT(expanded("/p {{VMName}} x", variables_of(info_of(HookKind::pre_backup), "", "", "")),
                ElementsAre("/p", "", "x"));
}

TEST(HookTemplate, RefusesArgumentsThatCannotBePassed) {
    auto const refused =
        expand("/p a {{VMName}}", variables_of(info_of(HookKind::pre_backup), std::string("a\0b", 3), "", ""));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_params);
    EXPECT_THAT(refused.error().context, HasSubstr("argument 2 of the hook would contain a NUL byte"));
    EXPECT_FALSE(expand(" \t", {}));
}

TEST(HookOutcome, SaysHowItEnded) {
    using std::chrono::hours;
    ports::ProgramResult result;
    result.exit_code = 3;
    EXPECT_EQ(describe(result, hours(4)), "exit code 3");
    result.exit_code = -1;
    result.signal = 15;
    EXPECT_EQ(describe(result, hours(4)), "ended by signal 15 (Terminated)");
    result.signal = 64;
    EXPECT_EQ(describe(result, hours(4)), "ended by signal 64");
    result.timed_out = true;
    EXPECT_EQ(describe(result, hours(4)), "ended after its time limit of 4 hours");
}

}  // namespace
}  // namespace sb::hooks
