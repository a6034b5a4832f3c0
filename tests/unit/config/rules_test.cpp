// One test for each rule of docs/config.md.
#include "tests/unit/config/config_texts.hpp"

#include "common/config/defaults.hpp"

#include <gmock/gmock.h>

using namespace sb::config;
using namespace sb::config::testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

Config accepted(std::string const& text) {
    auto loaded = parse(text, "t.toml");
    EXPECT_EQ(render_problems(loaded.problems), "");
    return std::move(loaded.config);
}

}  // namespace

TEST(ConfigRules, AcceptsTheMinimumAndFillsInDefaults) {
    auto const config = accepted(complete());
    EXPECT_EQ(config.smb.username, "JohnDoe");
    EXPECT_EQ(config.smb.password.reveal(), "smb-hunter2");
    EXPECT_EQ(config.smb.host, (HostPort{"files", std::nullopt}));
    EXPECT_EQ(config.smb.local_path, "/mnt/b");
    EXPECT_THAT(config.scale.cert_fingerprints, IsEmpty());
    EXPECT_FALSE(config.smtp);
    EXPECT_FALSE(config.schedule);
    EXPECT_EQ(config.daemon.socket, system_defaults().socket);
    EXPECT_EQ(config.daemon.state_dir, system_defaults().state_dir);
    EXPECT_EQ(config.daemon.log_level, LogLevel::info);
    EXPECT_EQ(config.hooks.hook_timeout, (CivilDuration{0, 4h}));
}

TEST(ConfigRules, ReadsEveryKeyOfTheSchedule) {
    auto const config =
        accepted(complete("[Schedule]\nTag='BackMeUp'\nConcurrency=2\nStartTime='5 "
                          "PM'\nEndTime='6:00am'\nBackupInterval='1 day 12 hours'\n"
                          "MaxBackups=7\nMaxAge='30 days'\nTolerance='90 minutes'\nUndeleteFor='36 hours'\n"));
    ASSERT_TRUE(config.schedule);
    EXPECT_EQ(config.schedule->tag, "BackMeUp");
    EXPECT_EQ(config.schedule->concurrency, 2);
    EXPECT_EQ(config.schedule->start_time, 17h);
    EXPECT_EQ(config.schedule->end_time, 6h);
    EXPECT_EQ(config.schedule->backup_interval, (CivilDuration{1, 12h}));
    EXPECT_EQ(config.schedule->max_backups, 7);
    EXPECT_EQ(config.schedule->max_age, (CivilDuration{30, 0s}));
    EXPECT_EQ(config.schedule->tolerance, (CivilDuration{0, 90min}));
    EXPECT_EQ(config.schedule->undelete_for, (CivilDuration{0, 36h}));
}

/// Some systems write a narrow space before 'PM', and a copy from a web page brings others.
TEST(ConfigRules, TimesAndDurationsTakeAnySpace) {
    auto const loaded = parse(complete("[Schedule]\nStartTime='5\u202fPM'\nEndTime='6:00\u200bam'\n"
                                       "BackupInterval='1\u00a0day\u200812 hours'\nMaxAge='30\u3000days'\n"
                                       "[Verify]\nMaxRate='200\u00a0MiB/s'\n"),
                              "t.toml");
    EXPECT_EQ(render_problems(loaded.problems) + render_problems(loaded.warnings), "");
    ASSERT_TRUE(loaded.config.schedule);
    EXPECT_EQ(loaded.config.schedule->start_time, 17h);
    EXPECT_EQ(loaded.config.schedule->end_time, 6h);
    EXPECT_EQ(loaded.config.schedule->backup_interval, (CivilDuration{1, 12h}));
    EXPECT_EQ(loaded.config.schedule->max_age, (CivilDuration{30, 0s}));
    EXPECT_EQ(loaded.config.verify.max_rate.bytes_per_second, std::uint64_t{200} << 20);
}

/// No VM has the tag, and the reason is invisible.
TEST(ConfigRules, InvisibleCharactersInNamesAreReportedByTheirNumber) {
    auto const warnings = [](std::string const& text) { return render_problems(parse(text, "t.toml").warnings); };
    EXPECT_THAT(warnings(complete("[Schedule]\nTag = 'Back\u200bMeUp'\n")),
                HasSubstr("Schedule.Tag: warning: this contains the character U+200B, which is invisible"));
    EXPECT_THAT(warnings(complete_with("'JohnDoe'", "'JohnDoe\ufeff'")), HasSubstr("SMB.Username: warning"));
    EXPECT_THAT(warnings(complete_with("'Backups'", "'Back\u00a0ups'")), HasSubstr("U+00A0, which looks like"));
    EXPECT_THAT(warnings(complete_with("'smb-hunter2'", "'smb\u200b-hunter2'")), ::testing::Not(HasSubstr("U+200B")));
    EXPECT_EQ(warnings(complete("[Schedule]\nTag = 'Größe 文件 \u2764\ufe0f'\n")), "");
}

TEST(ConfigRules, WhatIsDeletedWaitsADayUnlessThatIsSwitchedOff) {
    EXPECT_EQ(accepted(complete("[Schedule]\n")).schedule->undelete_for, (CivilDuration{1, 0s}));
    for (auto const* off : {"'off'", "' OFF '", "'0'"})
        EXPECT_EQ(accepted(complete("[Schedule]\nUndeleteFor = " + std::string(off) + "\n")).schedule->undelete_for,
                  CivilDuration{})
            << off;
    EXPECT_THAT(problem_in("Schedule", "UndeleteFor", "'never'"), HasSubstr("'off', or a number and a unit"));
}

TEST(ConfigRules, ReadsEveryKeyOfSmtpHooksAndDaemon) {
    auto const config = accepted(complete(
        "[SMTP]\nHost='mail'\nPort=587\nFrom='a@b.c'\nTo='x@y.z, "
        "u@v.w'\nUsername='m'\nPassword='p'\nSecurity='starttls'\n"
        "[Hooks]\nPreBackup='/p {{VMName}}'\nPostBackup='/q {{LocalPath}}/{{BackupName}}'\nPreRestore='/r "
        "{{NewVMName}}'\n"
        "PostRestore='/s'\nPreSchedule='/t {{LocalPath}}'\nPostSchedule='/u'\nDelayPostBackupWhenScheduled=true\n"
        "HookTimeout='1 hour'\nPreBackupMustSucceed=true\n"
        "[Daemon]\nSocket='/s/c.sock'\nSocketGroup='ops'\nStateDir='/st'\nLogLevel='debug'\nLogFile='/l'\n"));
    EXPECT_EQ(config.smtp->port, 587);
    EXPECT_THAT(config.smtp->to, ElementsAre("x@y.z", "u@v.w"));
    EXPECT_EQ(config.smtp->security, MailSecurity::starttls);
    EXPECT_EQ(config.hooks.command(sb::HookKind::post_backup), "/q {{LocalPath}}/{{BackupName}}");
    EXPECT_TRUE(config.hooks.delay_post_backup_when_scheduled);
    EXPECT_TRUE(config.hooks.pre_backup_must_succeed);
    EXPECT_EQ(config.hooks.hook_timeout, (CivilDuration{0, 1h}));
    EXPECT_EQ(config.daemon.socket, "/s/c.sock");
    EXPECT_EQ(config.daemon.socket_group, "ops");
    EXPECT_EQ(config.daemon.log_level, LogLevel::debug);
    EXPECT_EQ(config.daemon.log_file, "/l");
}

TEST(ConfigRules, TheClusterMayHaveSeveralNodes) {
    auto const config = accepted(complete_with("'cluster'", "['10.0.0.5', '10.0.0.6:8443', '[fd00::1]']"));
    ASSERT_EQ(config.scale.hosts.size(), 3u);
    EXPECT_EQ(config.scale.hosts[0], (HostPort{"10.0.0.5", std::nullopt}));
    EXPECT_EQ(config.scale.hosts[1], (HostPort{"10.0.0.6", 8443}));
    EXPECT_EQ(config.scale.hosts[2], (HostPort{"fd00::1", std::nullopt}));
}

TEST(ConfigRules, EachNodeAppearsOnceAndIsAHost) {
    for (auto const* bad : {"[]", "['a', 'a']", "['a', '']", "['a', 'https://b']", "['a', 3]", "[['a']]", "''"}) {
        auto const loaded = parse(complete_with("'cluster'", bad), "t");
        ASSERT_EQ(loaded.problems.size(), 1u) << bad << render_problems(loaded.problems);
        EXPECT_EQ(loaded.problems[0].key, "Scale.Host") << bad;
    }
}

TEST(ConfigRules, ReadsEveryTimeout) {
    auto const config =
        accepted(complete("[Timeouts]\nRequest=1\nSubmit=2\nResolve=3\nShareDelay=4\nClusterUnreachable=5\n"));
    EXPECT_EQ(config.timeouts.request, 1s);
    EXPECT_EQ(config.timeouts.submit, 2s);
    EXPECT_EQ(config.timeouts.resolve, 3s);
    EXPECT_EQ(config.timeouts.share_delay, 4s);
    EXPECT_EQ(config.timeouts.cluster_unreachable, 5s);
    EXPECT_THAT(problem_in("Timeouts", "Request", "0"), HasSubstr("from 1 to 600"));
}

TEST(ConfigRules, MissingKeysAreNamedAtTheirSection) {
    auto const loaded = parse("[SMB]\n[Scale]\n[SMTP]\n", "t.toml");
    for (auto const* key : {"SMB.Username", "SMB.Password", "SMB.Host", "SMB.ShareName", "SMB.LocalPath",
                            "Scale.Username", "Scale.Password", "Scale.Host", "SMTP.Host", "SMTP.From", "SMTP.To"}) {
        EXPECT_THAT(problem_with(key, loaded), HasSubstr("missing")) << key;
    }
    EXPECT_EQ(loaded.problems.size(), 11U);
    EXPECT_EQ(loaded.problems.front().line, 1);
}

TEST(ConfigRules, MissingSectionsAreNamedWithWhatTheyNeed) {
    auto const loaded = parse("", "t.toml");
    EXPECT_EQ(
        render_problems(loaded.problems),
        "t.toml: SMB: the section [SMB] is missing; it needs Username, Password (or PasswordFile), Host, ShareName, "
        "LocalPath\n"
        "t.toml: Scale: the section [Scale] is missing; it needs Username, Password (or PasswordFile), Host\n");
}

TEST(ConfigRules, UnknownNamesGetASuggestion) {
    EXPECT_THAT(problem_in("Schedule", "Tags", "'x'"),
                HasSubstr(":12:1: Schedule.Tags: unknown key; did you mean 'Tag'?"));
    EXPECT_THAT(problem_in("Schedule", "maxage", "'7 days'"), HasSubstr("did you mean 'MaxAge'?"));
    EXPECT_THAT(problem_in("Schedule", "ShareName", "'x'"), HasSubstr("it belongs to [SMB]"));
    EXPECT_THAT(problem_in("Schedule", "Banana", "'x'"), HasSubstr("[Schedule] has Tag, Concurrency"));
    EXPECT_THAT(problem_in("schedule", "Tag", "'x'"), HasSubstr("schedule: unknown section; did you mean [Schedule]?"));
    EXPECT_THAT(problem_with("Concurrency", parse("Concurrency = 3\n", "t")), HasSubstr("it belongs to [Schedule]"));
    EXPECT_THAT(problem_with("Password", parse("Password = 'x'\n", "t")),
                HasSubstr("it belongs to [SMB], [Scale], [SMTP]"));
}

TEST(ConfigRules, TheObsoleteSectionOfThePredecessorIsNotSuggested) {
    EXPECT_THAT(problem_in("Banana", "Tag", "'x'"),
                HasSubstr("Banana: unknown section; the sections are [SMB], [Scale], [SMTP], [Schedule], [Hooks], "
                          "[Verify], [Daemon], [Timeouts]\n"));
    EXPECT_THAT(problem_in("Schedule", "LogFile", "'/x'"), HasSubstr("it belongs to [Daemon]\n"));
    EXPECT_THAT(problem_in("debug", "LogFile", "'/x'"), HasSubstr("did you mean [Debug]?")) << "a slip in an old file";
    EXPECT_THAT(problem_in("Schedule", "RedactPasswords", "true"), HasSubstr("it belongs to [Debug]"));
}

TEST(ConfigRules, WrongTypesAreNamed) {
    EXPECT_THAT(problem_in("Schedule", "Concurrency", "'3'"),
                HasSubstr(":12:15: Schedule.Concurrency: this must be a whole number"));
    EXPECT_THAT(problem_in("Schedule", "Concurrency", "3.0"), HasSubstr("not a number with a fraction"));
    EXPECT_THAT(problem_in("Schedule", "StartTime", "17:00:00"), HasSubstr("not a date or time without quotes"));
    EXPECT_THAT(problem_in("Schedule", "MaxAge", "7"), HasSubstr("not a number"));
    EXPECT_THAT(problem_in("Schedule", "Tag", "['a']"), HasSubstr("not a list"));
    EXPECT_THAT(problem_in("Hooks", "PreBackupMustSucceed", "'yes'"), HasSubstr("true or false"));
    EXPECT_THAT(problem_in("SMTP", "To", "[['a@b']]"), HasSubstr("not a nested list"));
    EXPECT_THAT(problem_in("SMTP", "To", "{ a = 1 }"), HasSubstr("not a table"));
    EXPECT_THAT(problem_with("SMB", parse("SMB = 3\n" + std::string(scale_text), "t")), HasSubstr("must be a section"));
    EXPECT_THAT(problem_with("SMB", parse("[[SMB]]\n" + std::string(scale_text), "t")), HasSubstr("must be a section"));
}

TEST(ConfigRules, NumbersStayInTheirRange) {
    for (auto const* bad : {"0", "4", "-1", "9223372036854775807", "99999999999999999999999999"}) {
        EXPECT_THAT(problem_in("Schedule", "Concurrency", bad), HasSubstr("from 1 to 3")) << bad;
    }
    for (auto const* good : {"1", "3"}) EXPECT_EQ(problem_in("Schedule", "Concurrency", good), "");
    EXPECT_THAT(problem_in("Schedule", "MaxBackups", "0"), HasSubstr("out of range"));
    EXPECT_THAT(problem_in("SMTP", "Port", "65536"), HasSubstr("from 1 to 65535"));
    EXPECT_EQ(problem_in("SMTP", "Port", "65535"), "");
    EXPECT_THAT(problem_in("SMTP", "Port", "99999999999999999999 # too large"),
                HasSubstr("'99999999999999999999': out of range"));
    EXPECT_THAT(problem_in("Schedule", "Concurrency", "-1"), HasSubstr("'-1': out of range"));
}

TEST(ConfigRules, AnInvalidValueHasNoFurtherConsequences) {
    std::string const mail = "[SMTP]\nHost='mail'\nFrom='a@b.c'\nTo='x@y.z'\nUsername='m'\nPassword='p'\n";
    EXPECT_THAT(parse(complete(mail + "Security='TLS'\n"), "t").warnings, IsEmpty());
    EXPECT_THAT(render_problems(parse(complete(mail + "Security='none'\n"), "t").warnings), HasSubstr("unencrypted"));
    EXPECT_THAT(render_problems(parse(complete(mail), "t").warnings), HasSubstr("unencrypted"));
}

TEST(ConfigRules, ControlCharactersBeyondAsciiAreRejected) {
    for (auto const* bad : {"'a\xC2\x85z'", "'a\xC2\x9Bz'", "\"a\\u0085z\""})
        EXPECT_THAT(problem_in("Schedule", "Tag", bad), HasSubstr("this contains a control character")) << bad;
    EXPECT_EQ(problem_in("Schedule", "Tag", "'a\xC2\xA0z'"), "");
}

TEST(ConfigRules, DurationsAndTimesOfDayAreChecked) {
    for (auto const* bad : {"'banana'", "'7'", "'0 days'", "'-1 day'", "'5 m'", "'5 seconds'", "'200 years'"}) {
        for (auto const* key : {"BackupInterval", "MaxAge", "Tolerance", "UndeleteFor"}) {
            EXPECT_THAT(problem_in("Schedule", key, bad), HasSubstr("as in '7 days'")) << key << bad;
        }
        EXPECT_THAT(problem_in("Hooks", "HookTimeout", bad), HasSubstr("as in '7 days'")) << bad;
    }
    EXPECT_THAT(problem_in("Schedule", "StartTime", "'25:00'"), HasSubstr("such as '5:00 PM'"));
}

TEST(ConfigRules, AWindowHasTwoEnds) {
    EXPECT_THAT(problem_in("Schedule", "StartTime", "'17:00'"), HasSubstr("Schedule.EndTime: this key is missing"));
    EXPECT_THAT(problem_in("Schedule", "EndTime", "'17:00'"), HasSubstr("Schedule.StartTime: this key is missing"));
}

TEST(ConfigRules, AWindowOfEqualTimesIsNotedAsAlwaysOpen) {
    auto const equal = parse(complete("[Schedule]\nStartTime = '5 PM'\nEndTime = '17:00'\n"), "t.toml");
    EXPECT_TRUE(equal.ok()) << render_problems(equal.problems);
    EXPECT_EQ(render_problems(equal.warnings),
              "t.toml: Schedule.StartTime: note: the same time as EndTime: the window is always open\n");
    for (auto const* other :
         {"StartTime = '17:00'\nEndTime = '17:01'\n", "Concurrency = 3\n", "StartTime = 'x'\nEndTime = 'y'\n"})
        EXPECT_THAT(parse(complete("[Schedule]\n" + std::string(other)), "t").warnings, IsEmpty()) << other;
}

TEST(ConfigRules, AMailServerIsGreetedWithAHostNameOrAnAddress) {
    std::string const mail = "[SMTP]\nHost='mail'\nFrom='a@b'\nTo='c@d'\n";
    EXPECT_EQ(accepted(complete(mail)).smtp->helo_name, "");
    for (std::string const name : {"nas1.example.com", "nas1", "[192.0.2.1]", "[IPv6:fd00::1]"})
        EXPECT_EQ(accepted(complete(mail + "HeloName='" + name + "'\n")).smtp->helo_name, name);
    for (auto const* bad : {"'a b'", "'a\\r\\nQUIT'", "'[]'", "'a:25'", "'a@b'"})
        EXPECT_THAT(problem_in("SMTP", "HeloName", bad), HasSubstr("neither a host name nor an IP address")) << bad;
}

TEST(ConfigRules, FingerprintsComeOneByOneOrAsAList) {
    std::string const bare = "5441d0cacc75dd86252edc28fc25ce1dd38bf6cbe744ff4eaaa6ec65d5797966";
    std::string const other(64, 'A');
    auto const config = accepted(complete("CertFingerprint = ['" + bare + "', '" + other + "', '" + bare + "', '']\n"));
    EXPECT_EQ(config.scale.cert_fingerprints.size(), 2U);
    for (auto const* blank : {"''", "' '", "[]", "['']"})
        EXPECT_EQ(problem_in("Scale", "CertFingerprint", blank), "") << blank;
    EXPECT_THAT(problem_in("Scale", "CertFingerprint", "['" + bare + "', 'FF']"),
                HasSubstr(":8:88: Scale.CertFingerprint: 'FF'"));
}

TEST(ConfigRules, ThePortOfMailIs25IfNoneIsGiven) {
    std::string const mail = "[SMTP]\nHost='mail'\nFrom='a@b'\nTo='c@d'\n";
    EXPECT_EQ(accepted(complete(mail)).smtp->port, 25);
    EXPECT_EQ(accepted(complete(mail + "Port=2525\n")).smtp->port, 2525);
}

TEST(ConfigRules, MailAddressesAreChecked) {
    for (auto const* bad : {"'nobody'", "'a@b@c'", "'@b'", "'a@'", "'Ops <a@b>'", "'a b@c'"}) {
        EXPECT_THAT(problem_in("SMTP", "From", bad), HasSubstr("SMTP.From")) << bad;
        EXPECT_THAT(problem_in("SMTP", "To", bad), HasSubstr("SMTP.To")) << bad;
    }
    for (auto const* bad : {"'a@b,'", "'a@b,,c@d'", "[]", "['a@b', '@']", "[7]", "''"}) {
        EXPECT_THAT(problem_in("SMTP", "To", bad), HasSubstr("SMTP.To")) << bad;
    }
    EXPECT_THAT(problem_in("SMTP", "From", R"("a@b\r\nBcc: c@d")"), HasSubstr("a line break"));
    EXPECT_EQ(problem_in("SMTP", "To", "['a@b', 'c@d, e@f']"), "");
    EXPECT_THAT(problem_in("SMTP", "Security", "'TLS'"), HasSubstr("did you mean 'tls'?"));
    EXPECT_THAT(problem_in("SMTP", "Host", "'mail:25'"), HasSubstr("Port = 25"));
    EXPECT_THAT(problem_in("SMTP", "Username", "'m'"), HasSubstr("SMTP.Password: this key is missing"));
    EXPECT_THAT(problem_in("SMTP", "Password", "'p'"), HasSubstr("SMTP.Username: this key is missing"));
}

TEST(ConfigRules, HooksNameAProgramAndKnownVariables) {
    EXPECT_THAT(problem_in("Hooks", "PreBackup", "'program x'"), HasSubstr("not an absolute path"));
    EXPECT_THAT(problem_in("Hooks", "PreBackup", "'{{LocalPath}}/x'"), HasSubstr("not an absolute path"));
    EXPECT_THAT(problem_in("Hooks", "PreBackup", "'/x {{NewVMName}}'"),
                HasSubstr("no variable {{NewVMName}} (did you mean {{VMName}}?)"));
    EXPECT_THAT(problem_in("Hooks", "PreRestore", "'/x {{VMName}}'"), HasSubstr("no variable {{VMName}}"));
    EXPECT_THAT(problem_in("Hooks", "PreSchedule", "'/x {{BackupName}}'"), HasSubstr("no variable"));
    EXPECT_THAT(problem_in("Hooks", "PostBackup", "'/x {{ VMName }}'"), HasSubstr("'{{' without '}}'"));
    EXPECT_EQ(problem_in("Hooks", "PreBackup", "'/x\t{{VMName}}{{LocalPath}}'"), "");
    EXPECT_EQ(problem_in("Hooks", "PreBackup", "''"), "");
}

TEST(ConfigRules, PathsAndSharesAreChecked) {
    EXPECT_THAT(problem_in("SMB", "LocalPath", "'mnt/b'"), HasSubstr("not an absolute path"));
    EXPECT_THAT(problem_in("SMB", "ShareName", "'a/b'"), HasSubstr("name of the share only"));
    EXPECT_THAT(problem_in("SMB", "ShareName", R"('\\srv\x')"), HasSubstr("name of the share only"));
    EXPECT_THAT(problem_in("Daemon", "StateDir", "'state'"), HasSubstr("not an absolute path"));
    EXPECT_THAT(problem_in("Daemon", "Socket", "'/" + std::string(200, 'x') + "'"), HasSubstr("at most"));
    EXPECT_THAT(problem_in("Daemon", "LogLevel", "'warn'"), HasSubstr("did you mean 'warning'?"));
    EXPECT_THAT(problem_in("Schedule", "Tag", "'a,b'"), HasSubstr("name one tag"));
    EXPECT_THAT(problem_in("Scale", "Username", "'a:b'"), HasSubstr("colon"));
}

TEST(ConfigRules, ControlCharactersAreRefusedEverywhere) {
    for (auto const* escape : {R"(\n)", R"(\r)", R"(\u0000)", R"(\u007f)", R"(\u001b)"}) {
        for (auto const* place :
             {"SMB.Domain", "SMB.Username", "SMB.Password", "SMB.Host", "SMB.ShareName", "SMB.LocalPath",
              "Scale.Username", "Scale.Host", "SMTP.Host", "SMTP.From", "SMTP.To", "Schedule.Tag", "Hooks.PreBackup",
              "Daemon.Socket", "Daemon.SocketGroup", "Daemon.LogFile"}) {
            std::string const full(place);
            auto const dot = full.find('.');
            EXPECT_THAT(problem_in(full.substr(0, dot), full.substr(dot + 1), "\"/a" + std::string(escape) + "b\""),
                        HasSubstr(full + ": this contains a"))
                << place << escape;
        }
    }
    EXPECT_THAT(problem_in("SMB", "LocalPath", R"("C:\temp")"), HasSubstr("this contains a tab"));
}

TEST(ConfigRules, PasswordsMayHoldEveryPrintableSign) {
    std::string signs;
    for (char c = ' '; c < '\x7F'; ++c) {
        if (c != '\'') signs += c;
    }
    auto const config = accepted(complete_with("'smb-hunter2'", '\'' + signs + '\''));
    EXPECT_EQ(config.smb.password.reveal(), signs);
}
