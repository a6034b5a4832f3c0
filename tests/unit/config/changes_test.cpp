#include "common/config/changes.hpp"
#include "tests/unit/config/config_texts.hpp"

#include <gmock/gmock.h>

using namespace sb::config;
using namespace sb::config::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

Config config_of(std::string const& more) {
    auto const loaded = parse(complete() + more, "t");
    EXPECT_EQ(render_problems(loaded.problems), "");
    return loaded.config;
}

}  // namespace

TEST(ConfigChanges, NothingChangedIsNothing) {
    auto const changes = changes_between(config_of(""), config_of(""));
    EXPECT_THAT(changes.in_force, IsEmpty());
    EXPECT_THAT(changes.need_restart, IsEmpty());
}

TEST(ConfigChanges, AreNamedAsTheKeysAre) {
    auto const before = config_of("[Hooks]\nHookTimeout = '1 hour'\n");
    auto const changes = changes_between(before, config_of("[Hooks]\nHookTimeout = '2 hours'\nPreBackup = '/x'\n"));
    EXPECT_THAT(changes.in_force, ElementsAre("Hooks.PreBackup", "Hooks.HookTimeout"));
}

TEST(ConfigChanges, WhatARunningDaemonCannotTakeOverIsKeptApart) {
    auto const changes = changes_between(config_of("[Daemon]\nSocket = '/a'\nLogLevel = 'info'\n"),
                                         config_of("[Daemon]\nSocket = '/b'\nLogLevel = 'debug'\n"));
    EXPECT_THAT(changes.in_force, ElementsAre("Daemon.LogLevel"));
    EXPECT_THAT(changes.need_restart, ElementsAre("Daemon.Socket"));
}

TEST(ConfigChanges, ANewPasswordIsAChangeAndIsNotShown) {
    auto const before = config_of("");
    auto after = before;
    after.smb.password = sb::Secret("another");
    EXPECT_THAT(changes_between(before, after).in_force, ElementsAre("SMB.Password"));
}

TEST(ConfigChanges, ASectionThatComesOrGoesIsAChangeOfItsKeys) {
    auto const changes = changes_between(config_of(""), config_of("[Schedule]\nMaxBackups = 3\n"));
    EXPECT_THAT(changes.in_force, ::testing::Contains("Schedule.MaxBackups"));
}
