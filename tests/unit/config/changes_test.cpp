#include "common/config/changes.hpp"

#include "common/config/key.hpp"
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
    EXPECT_THAT(changes.changed, IsEmpty());
    EXPECT_THAT(changes.needs_restart, IsEmpty());
}

TEST(ConfigChanges, AreNamedLikeTheKeys) {
    auto const before = config_of("[Hooks]\nHookTimeout = '1 hour'\n");
    auto const changes = changes_between(before, config_of("[Hooks]\nHookTimeout = '2 hours'\nPreBackup = '/x'\n"));
    EXPECT_THAT(changes.changed, ElementsAre("Hooks.PreBackup", "Hooks.HookTimeout"));
}

TEST(ConfigChanges, KeysThatNeedARestartAreListedApart) {
    auto const changes = changes_between(config_of("[Daemon]\nSocket = '/a'\nLogLevel = 'info'\n"),
                                         config_of("[Daemon]\nSocket = '/b'\nLogLevel = 'debug'\n"));
    EXPECT_THAT(changes.changed, ElementsAre("Daemon.LogLevel"));
    EXPECT_THAT(changes.needs_restart, ElementsAre("Daemon.Socket"));
}

TEST(ConfigChanges, AShareChangesTogetherWithItsLocalPath) {
    auto const before = config_of("");
    auto after = before;
    after.smb.local_path = "/elsewhere";
    after.smb.share_name = "Other";
    after.smb.host.host = "other.example.org";
    after.smb.password = sb::Secret("another");
    after.scale.username = "somebody";
    auto const changes = changes_between(before, after);
    EXPECT_THAT(changes.changed, ElementsAre("Scale.Username"));
    EXPECT_THAT(changes.needs_restart,
                ::testing::UnorderedElementsAre("SMB.Host", "SMB.ShareName", "SMB.LocalPath", "SMB.Password"));
    auto const taken = apply_reload(before, after);
    EXPECT_EQ(taken.smb.share_name, before.smb.share_name);
    EXPECT_EQ(taken.smb.local_path, before.smb.local_path);
    EXPECT_EQ(taken.smb.password.reveal(), before.smb.password.reveal());
    EXPECT_EQ(taken.scale.username, "somebody");
}

TEST(ConfigChanges, AShareWithTheSameLocalPathIsUsedImmediately) {
    auto const before = config_of("");
    auto after = before;
    after.smb.share_name = "Other";
    EXPECT_THAT(changes_between(before, after).changed, ElementsAre("SMB.ShareName"));
    EXPECT_EQ(apply_reload(before, after).smb.share_name, "Other");
}

TEST(ConfigChanges, ANewPasswordIsAChangeAndIsNotShown) {
    auto const before = config_of("");
    auto after = before;
    after.smb.password = sb::Secret("another");
    EXPECT_THAT(changes_between(before, after).changed, ElementsAre("SMB.Password"));
}

TEST(ConfigChanges, ASectionThatComesOrGoesIsOneChange) {
    auto const without = config_of("");
    auto const with = config_of("[Schedule]\nMaxBackups = 3\n");
    EXPECT_THAT(changes_between(without, with).changed, ElementsAre("[Schedule] (added)"));
    EXPECT_THAT(changes_between(with, without).changed, ElementsAre("[Schedule] (removed)"));
}

TEST(ConfigChanges, ASectionWithoutEffectIsNoChange) {
    auto const with = config_of("[Debug]\nRedactPasswords = true\n");
    EXPECT_THAT(changes_between(config_of(""), with).changed, IsEmpty());
}

TEST(ConfigChanges, KeysWaitForTheRestartUntilTheFileIsAsWhatIsRunning) {
    auto running = config_of("[Daemon]\nSocket = '/a'\nStateDir = '/s'\n");
    auto const original = running;
    auto const fresh = config_of("[Daemon]\nSocket = '/b'\nStateDir = '/s'\nLogLevel = 'debug'\n");
    running = apply_reload(running, fresh);
    EXPECT_EQ(running.daemon.socket, "/a");
    EXPECT_EQ(running.daemon.log_level, LogLevel::debug);
    auto const again = changes_between(running, fresh);
    EXPECT_THAT(again.changed, IsEmpty());
    EXPECT_THAT(again.needs_restart, ElementsAre("Daemon.Socket"));
    auto const back = changes_between(apply_reload(running, fresh), original);
    EXPECT_THAT(back.needs_restart, IsEmpty());
    EXPECT_THAT(back.changed, ElementsAre("Daemon.LogLevel"));
}

TEST(ConfigChanges, ComparesValuesNotTheWayTheyAreWritten) {
    auto const hours = config_of("[Hooks]\nHookTimeout = '2 hours'\n");
    auto const minutes = config_of("[Hooks]\nHookTimeout = '120 minutes'\n");
    EXPECT_THAT(changes_between(hours, minutes).changed, IsEmpty());

    auto const short_form = config_of("");
    auto long_form = short_form;
    long_form.smb.host.port = 445;
    long_form.scale.hosts.front().port = 443;
    EXPECT_THAT(changes_between(short_form, long_form).changed, IsEmpty());
    long_form.smb.host.port = 446;
    EXPECT_THAT(changes_between(short_form, long_form).changed, ElementsAre("SMB.Host"));
}

TEST(ConfigChanges, EveryKeyOfACompleteConfigurationIsCompared) {
    for (auto const& section : all_sections()) {
        for (auto const& key : section.keys) {
            Config const before;
            Config after;
            section.create(after);
            // A value that no key has by default.
            Value value;
            value.text = key.example == "''" ? std::string(64, 'a') : key.example.substr(1, key.example.size() - 2);
            value.boolean = key.value(after) == "false";
            value.integer = key.value(after) == "2" ? 3 : 2;
            value.items = {value};
            key.read(after, value, [&](Place, std::string const&, std::string const& why) {
                ADD_FAILURE() << key.full_name() << why;
            });
            EXPECT_FALSE(key.equal(before, after)) << key.full_name();
            EXPECT_TRUE(key.equal(after, after)) << key.full_name();
        }
    }
}
