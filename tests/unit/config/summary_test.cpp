#include "common/config/summary.hpp"

#include "common/config/key.hpp"

#include "tests/unit/config/config_texts.hpp"

#include <gmock/gmock.h>

using namespace sb::config;
using namespace sb::config::testing;
using ::testing::HasSubstr;

TEST(ConfigSummary, ShowsWhatApplies) {
    auto const loaded = parse(complete("CertFingerprint = '" + std::string(64, 'a') +
                                       "'\n[Schedule]\nStartTime='5 PM'\nEndTime='6:00'\nMaxAge='30 days'\n"
                                       "[Daemon]\nSocket='/s'\nStateDir='/d'\n"),
                              "t");
    ASSERT_TRUE(loaded.ok()) << render_problems(loaded.problems);
    EXPECT_EQ(summary(loaded.config),
              "[SMB]\n"
              "  Domain                        (none)\n"
              "  Username                      JohnDoe\n"
              "  Password                      (set)\n"
              "  PasswordFile                  (not set)\n"
              "  Host                          files:445\n"
              "  ShareName                     Backups\n"
              "  LocalPath                     /mnt/b\n"
              "\n[Scale]\n"
              "  Username                      admin\n"
              "  Password                      (set)\n"
              "  PasswordFile                  (not set)\n"
              "  Host                          cluster:443\n"
              "  CertFingerprint               "
              "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:"
              "AA:AA:AA:AA\n"
              "\n[SMTP]\n"
              "  (section absent)              no email is sent\n"
              "\n[Schedule]\n"
              "  Tag                           (none: every VM)\n"
              "  Concurrency                   3\n"
              "  StartTime                     17:00\n"
              "  EndTime                       06:00\n"
              "  BackupInterval                1 day\n"
              "  MaxBackups                    (no limit)\n"
              "  MaxAge                        30 days\n"
              "  Tolerance                     (not set)\n"
              "  UndeleteFor                   1 day\n"
              "\n[Hooks]\n"
              "  PreBackup                     (none)\n"
              "  PostBackup                    (none)\n"
              "  PreRestore                    (none)\n"
              "  PostRestore                   (none)\n"
              "  PreSchedule                   (none)\n"
              "  PostSchedule                  (none)\n"
              "  DelayPostBackupWhenScheduled  false\n"
              "  HookTimeout                   4 hours\n"
              "  PreBackupMustSucceed          false\n"
              "\n[Verify]\n"
              "  Structure                     true\n"
              "  Content                       false\n"
              "  RereadEvery                   (never)\n"
              "  MaxRate                       200 MiB/s\n"
              "  When                          outside window\n"
              "  Cores                         1\n"
              "\n[Daemon]\n"
              "  Socket                        /s\n"
              "  SocketGroup                   (the daemon's own group)\n"
              "  SocketReadGroup               (none: everyone who can connect may change things)\n"
              "  StateDir                      /d\n"
              "  LogLevel                      info\n"
              "  LogFile                       (standard error)\n"
              "\n[Timeouts]\n"
              "  Request                       30 seconds\n"
              "  Submit                        120 seconds\n"
              "  Resolve                       180 seconds\n"
              "  ShareDelay                    20 seconds\n"
              "  ClusterUnreachable            43200 seconds\n");
}

TEST(ConfigSummary, HasALineForEveryKey) {
    Config config;
    for (auto const& section : all_sections()) section.create(config);
    auto rest = summary(config);
    for (auto const& section : all_sections()) {
        for (auto const& key : section.keys) {
            auto const line = rest.find("\n  " + std::string(key.name) + ' ');
            ASSERT_NE(line, std::string::npos) << key.full_name();
            rest.erase(0, line + 1);
        }
    }
}

TEST(ConfigSummary, ContinuesAValueOfSeveralLinesBelowIt) {
    auto const loaded =
        parse(complete("CertFingerprint = ['" + std::string(64, 'a') + "', '" + std::string(64, 'b') + "']\n"), "t");
    EXPECT_THAT(summary(loaded.config), HasSubstr("AA:AA\n                                BB:BB"));
}

TEST(ConfigSummary, PutsVersionSixAddressesInBrackets) {
    auto const loaded = parse(complete_with("'cluster'", "'[fd00::1]:8443'"), "t");
    EXPECT_THAT(summary(loaded.config), HasSubstr("[fd00::1]:8443"));
}
