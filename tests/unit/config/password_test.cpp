// Passwords: where they come from, and that no output shows them.
#include "common/config/summary.hpp"
#include "tests/unit/config/config_texts.hpp"
#include "tests/unit/config/temporary_folder.hpp"

#include <gmock/gmock.h>

using namespace sb::config;
using namespace sb::config::testing;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

std::string everything_printed(Loaded const& loaded) {
    return render_problems(loaded.problems) + render_problems(loaded.warnings) + summary(loaded.config);
}

std::string with_password_file(std::string const& path) {
    return complete_with("Password = 'smb-hunter2'", "PasswordFile = '" + path + "'");
}

}  // namespace

TEST(ConfigPasswords, ComeFromAFileBesideTheConfig) {
    TemporaryFolder folder;
    for (auto const* content : {"s3cret pass\n", "s3cret pass\r\nsecond line\n", "s3cret pass"}) {
        folder.write("smb.pw", content);
        auto const config = folder.write("config.toml", with_password_file("smb.pw"));
        auto const loaded = load(config);
        ASSERT_EQ(render_problems(loaded.problems), "");
        EXPECT_EQ(loaded.config.smb.password.reveal(), "s3cret pass");
        EXPECT_THAT(summary(loaded.config),
                    HasSubstr("PasswordFile                  " + (folder.path() / "smb.pw").string() + "\n"));
        EXPECT_THAT(everything_printed(loaded), Not(HasSubstr("s3cret")));
    }
}

TEST(ConfigPasswords, AnUnusableFileIsReported) {
    TemporaryFolder folder;
    auto const problem = [&](std::string const& path) {
        return problem_with("SMB.PasswordFile", load(folder.write("config.toml", with_password_file(path))));
    };
    EXPECT_THAT(problem("missing.pw"), HasSubstr("no such file"));
    EXPECT_THAT(problem("."), HasSubstr("it is a folder"));
    EXPECT_THAT(problem("/dev/zero"), HasSubstr("not a regular file"));
    folder.write("empty.pw", "\nsecond\n");
    EXPECT_THAT(problem("empty.pw"), HasSubstr("first line is empty"));
    folder.write("zero.pw", std::string("hun\0ter", 7));
    EXPECT_THAT(problem("zero.pw"), HasSubstr("control character"));
    EXPECT_THAT(problem("zero.pw"), Not(HasSubstr("hun")));
    folder.write("long.pw", std::string(100'000, 'x'));
    EXPECT_THAT(problem("long.pw"), HasSubstr("larger than"));
}

TEST(ConfigPasswords, AMarkOfAnEditorIsNotAPartOfOne) {
    TemporaryFolder folder;
    auto const config = folder.write("config.toml", with_password_file("smb.pw"));
    folder.write("smb.pw", "\xEF\xBB\xBFs3cret pass\r\n");
    auto const loaded = load(config);
    EXPECT_EQ(loaded.config.smb.password.reveal(), "s3cret pass");
    EXPECT_EQ(render_problems(loaded.warnings), "");
    folder.write("smb.pw", "\xEF\xBB\xBF\n");
    EXPECT_THAT(problem_with("SMB.PasswordFile", load(config)), HasSubstr("first line is empty"));
    folder.write("smb.pw", std::string("\xFF\xFEs\0", 4));
    EXPECT_THAT(problem_with("SMB.PasswordFile", load(config)), HasSubstr("UTF-16"));
}

TEST(ConfigPasswords, ASpaceAtTheEndIsKeptAndReported) {
    TemporaryFolder folder;
    auto const config = folder.write("config.toml", with_password_file("smb.pw"));
    for (std::string const password : {"s3cret ", " s3cret", "s3cret\xC2\xA0"}) {
        folder.write("smb.pw", password + "\n");
        auto const loaded = load(config);
        EXPECT_EQ(loaded.config.smb.password.reveal(), password);
        EXPECT_THAT(render_problems(loaded.warnings), HasSubstr("SMB.PasswordFile: warning: the password"));
        EXPECT_THAT(everything_printed(loaded), Not(HasSubstr("s3cret")));
    }
}

TEST(ConfigPasswords, BothWaysTogetherAreRefused) {
    auto const loaded =
        parse(complete_with("Password = 'smb-hunter2'", "Password = 'smb-hunter2'\nPasswordFile = 'x'"), "t");
    EXPECT_THAT(problem_with("SMB.PasswordFile", loaded), HasSubstr("not both"));
    EXPECT_EQ(loaded.problems.size(), 1U);
}

TEST(ConfigPasswords, AnEmptyOneIsRefused) {
    auto const loaded = parse(complete_with("'smb-hunter2'", "''"), "t");
    EXPECT_THAT(problem_with("SMB.Password", loaded), HasSubstr("must not be empty"));
}

TEST(ConfigPasswords, NeverShowInAGoodSummary) {
    auto const loaded =
        parse(complete("[SMTP]\nHost='m'\nFrom='a@b'\nTo='c@d'\nUsername='u'\nPassword='mail-hunter2'\n"), "t");
    ASSERT_TRUE(loaded.ok());
    EXPECT_THAT(everything_printed(loaded), Not(HasSubstr("hunter2")));
    EXPECT_THAT(summary(loaded.config), HasSubstr("(set)"));
}

TEST(ConfigPasswords, NeverShowWhenTheirOwnValueIsWrong) {
    for (auto const* value :
         {"4711hunter2", "hunter2", "'hunter2", "\"hunter2\\q\"", "'hunter2' 'hunter2'", "['hunter2']",
          "{ a = 'hunter2' }", "{ hunter2", "'''hunter2", "\"hunter2\\n\"", "hunter2 = 'hunter2'",
          "'hunter2'\nPassword = 'hunter2'", "'hunter2', 'hunter2'", "\"hunter2\\uD800\""}) {
        for (auto const* key : {"Password = ", "Password ", "Pasword = ", "password = "}) {
            auto const loaded = parse(complete_with("Password = 'smb-hunter2'", std::string(key) + value), "t");
            EXPECT_FALSE(loaded.ok()) << key << value;
            EXPECT_THAT(everything_printed(loaded), Not(HasSubstr("hunter2"))) << key << value;
        }
    }
    auto const number = parse(complete_with("'smb-hunter2'", "31337"), "t");
    EXPECT_THAT(problem_with("SMB.Password", number), HasSubstr("must be a string"));
    EXPECT_THAT(everything_printed(number), Not(HasSubstr("31337")));
    auto const pasted = parse(complete_with("Host = 'files'", "Host = 'user:hunter2@files'"), "t");
    EXPECT_THAT(everything_printed(pasted), Not(HasSubstr("hunter2")));
}

TEST(ConfigPasswords, NeverShowAfterAnySingleTypo) {
    std::string const good = complete();
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string dropped = good;
        dropped.erase(i, 1);
        EXPECT_THAT(everything_printed(parse(dropped, "t")), Not(HasSubstr("hunter"))) << "dropped " << i;
        for (char const sign : {'\'', '"', '[', '=', '\n', '.'}) {
            std::string changed = good;
            changed[i] = sign;
            auto const printed = everything_printed(parse(changed, "t"));
            // The typo may split the word itself, so search for a piece of it that no key or message has.
            EXPECT_THAT(printed, Not(HasSubstr("hunte"))) << "changed " << i << " to " << sign;
            EXPECT_THAT(printed, Not(HasSubstr("unter2"))) << "changed " << i << " to " << sign;
        }
    }
}

TEST(ConfigPasswords, AFileThatEveryUserCanReadIsRefusedWithTheCommandThatFixesIt) {
    TemporaryFolder folder;
    auto const config = folder.write("my config.toml", complete());
    std::filesystem::permissions(config, std::filesystem::perms{0644});
    EXPECT_THAT(render_problems(load(config).problems), HasSubstr("every user can read this file"));
    EXPECT_THAT(render_problems(load(config).problems), HasSubstr("chmod o-rwx '" + config.string() + "'"));
    std::filesystem::permissions(config, std::filesystem::perms{0640});
    EXPECT_EQ(render_problems(load(config).problems), "");
}

TEST(ConfigPasswords, AFileThatEveryUserCanChangeIsRefusedBecauseOfItsHooks) {
    TemporaryFolder folder;
    auto const config = folder.write("config.toml", complete());
    std::filesystem::permissions(config, std::filesystem::perms{0602});
    auto const said = render_problems(load(config).problems);
    EXPECT_THAT(said, HasSubstr("every user can change this file"));
    EXPECT_THAT(said, Not(HasSubstr("every user can read")));
}

TEST(ConfigPasswords, AnOpenPasswordFileIsRefusedToo) {
    TemporaryFolder folder;
    auto const password = folder.write("smb.password", "hunter2\n");
    auto text = complete();
    auto const at = text.find("Password");
    text.replace(at, text.find('\n', at) - at, "PasswordFile = 'smb.password'");
    auto const config = folder.write("config.toml", text);
    EXPECT_EQ(render_problems(load(config).problems), "");
    std::filesystem::permissions(password, std::filesystem::perms{0604});
    EXPECT_THAT(render_problems(load(config).problems), HasSubstr("chmod o-rwx " + password.string()));
}

TEST(ConfigPasswords, ABareNameIsACredentialOfTheServiceManagerIfItHasOne) {
    TemporaryFolder folder, credentials;
    folder.write("smb.password", "of the folder\n");
    auto text = complete();
    auto const at = text.find("Password");
    text.replace(at, text.find('\n', at) - at, "PasswordFile = 'smb.password'");
    auto const config = folder.write("config.toml", text);
    auto const password = [&] { return load(config, credentials.path()).config.smb.password.reveal(); };
    EXPECT_EQ(password(), "of the folder");
    credentials.write("smb.password", "of the manager\n");
    EXPECT_EQ(password(), "of the manager");
    EXPECT_EQ(load(config).config.smb.password.reveal(), "of the folder");
}

TEST(ConfigPasswords, APathIsNeverSearchedAmongTheCredentials) {
    TemporaryFolder folder, credentials;
    auto const password = folder.write("smb.password", "of the path\n");
    credentials.write("smb.password", "of the manager\n");
    auto text = complete();
    auto const at = text.find("Password");
    text.replace(at, text.find('\n', at) - at, "PasswordFile = '" + password.string() + "'");
    auto const config = folder.write("config.toml", text);
    EXPECT_EQ(load(config, credentials.path()).config.smb.password.reveal(), "of the path");
}
