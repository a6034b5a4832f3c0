#include "daemon/app/configured_hooks.hpp"

#include "tests/unit/app/fake_programs.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::test {
namespace {

using testing::ElementsAre;

struct ConfiguredHooks : testing::Test {
    config::Config config;
    FakePrograms programs;
    app::ConfiguredHooks hooks{[this]() -> config::Config const& { return config; }, programs};

    ConfiguredHooks() { config.smb.local_path = "/mnt/backups"; }

    /// What went wrong; empty = nothing.
    std::string run(HookKind kind, ports::HookVariables variables = {}) {
        asio::io_context io;
        std::string problem = "the hook did not return";
        asio::co_spawn(io, hooks.run(kind, std::move(variables)),
                       [&](std::exception_ptr failure, std::string text) { problem = failure ? "exception" : text; });
        io.run();
        return problem;
    }
};

TEST_F(ConfiguredHooks, FillInTheVariablesOfTheirKind) {
    config.hooks.command(HookKind::post_backup) = "/bin/copy --vm {{VMName}} {{LocalPath}}/{{BackupName}}";
    EXPECT_EQ(run(HookKind::post_backup, {"FILE 01", "nightly"}), "");
    ASSERT_EQ(programs.calls.size(), 1u);
    EXPECT_EQ(programs.calls[0].name, "PostBackup");
    EXPECT_THAT(programs.calls[0].argv, ElementsAre("/bin/copy", "--vm", "FILE 01", "/mnt/backups/nightly"));
}

TEST_F(ConfiguredHooks, EachKindHasItsNameAndItsVariables) {
    for (auto const& hook : all_hooks) {
        std::string line = "/bin/hook";
        for (auto const variable : hook.variables)
            if (!variable.empty()) line.append(" {{").append(variable).append("}}");
        config.hooks.command(hook.kind) = line;
        EXPECT_EQ(run(hook.kind, {"FILE01", "nightly"}), "");
        EXPECT_EQ(programs.calls.back().name, hook.name);
        for (auto const& argument : programs.calls.back().argv)
            EXPECT_EQ(argument.find("{{"), std::string::npos) << argument;
    }
}

TEST_F(ConfiguredHooks, RunWithTheTimeLimitOfTheConfiguration) {
    config.hooks.command(HookKind::pre_schedule) = "/bin/wake";
    config.hooks.hook_timeout = {1, std::chrono::hours(2)};
    EXPECT_EQ(run(HookKind::pre_schedule), "");
    EXPECT_EQ(programs.calls.at(0).time_limit, Milliseconds(std::chrono::hours(26)));
}

TEST_F(ConfiguredHooks, FollowAReloadOfTheConfiguration) {
    EXPECT_FALSE(hooks.is_set(HookKind::pre_backup));
    config.hooks.command(HookKind::pre_backup) = "/bin/check";
    config.hooks.pre_backup_must_succeed = true;
    EXPECT_TRUE(hooks.is_set(HookKind::pre_backup));
    EXPECT_TRUE(hooks.pre_backup_must_succeed());
    EXPECT_FALSE(hooks.is_set(HookKind::post_backup));
}

TEST_F(ConfiguredHooks, AFailureComesWithTheEndOfTheOutput) {
    config.hooks.command(HookKind::pre_restore) = "/bin/check";
    programs.result = ports::ProgramResult{.exit_code = 3, .output = "first line\nno space left\n"};
    auto const problem = run(HookKind::pre_restore, {"FILE01", "nightly"});
    EXPECT_THAT(problem, testing::StartsWith("PreRestore: exit code 3"));
    EXPECT_THAT(problem, testing::EndsWith("no space left"));
}

TEST_F(ConfiguredHooks, AProgramThatCannotStartIsReportedInItsWords) {
    config.hooks.command(HookKind::post_schedule) = "/bin/missing";
    programs.result = Error{Errc::io, "cannot run '/bin/missing': it does not exist"};
    EXPECT_EQ(run(HookKind::post_schedule), "cannot run '/bin/missing': it does not exist");
}

}  // namespace
}  // namespace sb::test
