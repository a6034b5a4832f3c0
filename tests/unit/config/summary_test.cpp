#include "common/config/summary.hpp"

#include "common/config/key.hpp"

#include "tests/unit/config/config_texts.hpp"

#include <gmock/gmock.h>

using namespace sb::config;
using namespace sb::config::testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ConfigSummary, ShowsWhatApplies) {
    auto const loaded = parse(complete("CertFingerprint = '" + std::string(64, 'a') +
                                       "'\n[Schedule]\nStartTime='5 PM'\nEndTime='6:00'\nMaxAge='30 days'\n"
                                       "[Daemon]\nSocket='/s'\nStateDir='/d'\n"),
                              "t");
    ASSERT_TRUE(loaded.ok()) << render_problems(loaded.problems);
    auto const text = summary(loaded.config);
    EXPECT_THAT(text, StartsWith("[SMB]\n"
                                 "  Domain                        (none)\n"
                                 "  Username                      JohnDoe\n"
                                 "  Password                      (set)\n"
                                 "  PasswordFile                  (not set)\n"
                                 "  Host                          files:445\n"));
    for (auto const* part :
         {"\n\n[Scale]\n  Username                      admin\n", "\n  Host                          cluster:443\n",
          "\n  CertFingerprint               AA:AA:",
          "\n\n[SMTP]\n  (section absent)              no email is sent\n\n[Schedule]\n",
          "\n  Tag                           (none: every VM)\n", "\n  Concurrency                   3\n",
          "\n  StartTime                     17:00\n", "\n  EndTime                       06:00\n",
          "\n  BackupInterval                1 day\n", "\n  MaxBackups                    (no limit)\n",
          "\n  MaxAge                        30 days\n", "\n  PreBackup                     (none)\n",
          "\n  DelayPostBackupWhenScheduled  false\n", "\n  MaxRate                       200 MiB/s\n",
          "\n  When                          outside window\n", "\n  Socket                        /s\n",
          "\n  LogLevel                      info\n", "\n  LogFile                       (standard error)\n",
          "\n  Request                       30 seconds\n"})
        EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("[Debug]")));
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
