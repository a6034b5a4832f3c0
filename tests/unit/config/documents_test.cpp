// What people read agrees with what the loader knows.
#include "common/config/keys.hpp"
#include "tests/unit/config/config_texts.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

using namespace sb::config;
using namespace sb::config::testing;

namespace {

std::filesystem::path const source_folder = SB_SOURCE_DIR;

std::string text_of(std::filesystem::path const& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file.good()) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The part of a document between the heading of a section and the next one.
std::string part(std::string const& document, std::string const& heading) {
    auto const start = document.find(heading);
    if (start == std::string::npos) return "";
    auto const end = document.find("\n## ", start + 1);
    return document.substr(start, end == std::string::npos ? end : end - start);
}

/// The example with every commented key and section switched on, except those that exclude each other.
std::string switched_on(std::string const& example) {
    std::istringstream lines(example);
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        bool const setting = line.size() > 1 && line[0] == '#' && line[1] != ' ' && !line.starts_with("#PasswordFile");
        text += (setting ? line.substr(1) : line) + '\n';
    }
    return text;
}

}  // namespace

TEST(ConfigDocuments, TheExampleLoadsAsItIs) {
    auto const loaded = parse(text_of(source_folder / "config/config.toml.example"), "config.toml.example");
    EXPECT_EQ(render_problems(loaded.problems), "");
    EXPECT_TRUE(loaded.config.schedule);
}

TEST(ConfigDocuments, TheExampleLoadsWithEverythingSwitchedOn) {
    auto const loaded = parse(switched_on(text_of(source_folder / "config/config.toml.example")), "t");
    EXPECT_EQ(render_problems(loaded.problems), "");
    EXPECT_TRUE(loaded.config.smtp);
    EXPECT_EQ(loaded.config.daemon.socket_group, "scale-backup");
}

TEST(ConfigDocuments, TheExampleNamesEveryKey) {
    auto const example = text_of(source_folder / "config/config.toml.example");
    for (auto const& rule : known_keys()) {
        auto const start = example.find('[' + std::string(rule.section) + "]\n");
        ASSERT_NE(start, std::string::npos) << rule.section;
        auto const next = example.find("\n[", start);
        auto const end = std::min(next, example.find("\n#[", start));
        EXPECT_NE(example.substr(start, end - start).find(std::string(rule.key) + " = "), std::string::npos)
            << rule.section << '.' << rule.key;
    }
}

TEST(ConfigDocuments, ThePageNamesEveryKeyInItsSectionAndNoOther) {
    auto const page = text_of(source_folder / "docs/config.md");
    for (auto const& section : known_sections()) {
        auto const text = part(page, "## [" + std::string(section.name) + "]");
        EXPECT_NE(text, "") << section.name;
        std::size_t rows = 0;
        for (auto at = text.find("\n| `"); at != std::string::npos; at = text.find("\n| `", at + 1)) ++rows;
        EXPECT_EQ(rows, keys_of(section.name).size()) << section.name;
        for (auto const key : keys_of(section.name)) {
            EXPECT_NE(text.find("\n| `" + std::string(key) + "` |"), std::string::npos) << section.name << '.' << key;
        }
    }
}

// The example of the predecessor's README, word for word.
TEST(ConfigDocuments, ThePredecessorsExampleIsAcceptedButForItsPlaceholder) {
    auto const loaded = parse(text_of(source_folder / "tests/unit/config/predecessor.toml"), "scale-backup.toml");
    ASSERT_EQ(loaded.problems.size(), 1U) << render_problems(loaded.problems);
    EXPECT_EQ(loaded.problems.front().key, "Scale.CertFingerprint");
    EXPECT_EQ(loaded.problems.front().line, 13);
    auto const& config = loaded.config;
    EXPECT_EQ(config.smb.domain, "CONTOSO");
    EXPECT_EQ(config.smb.password.reveal(), "pa$$w0rd");
    EXPECT_EQ(config.scale.password.reveal(), "P@ssword");
    EXPECT_EQ(config.smtp->port, 25);
    EXPECT_THAT(config.smtp->to, ::testing::ElementsAre("ops-team@contoso-corp.com"));
    EXPECT_EQ(config.schedule->start_time, std::chrono::hours{17});
    EXPECT_EQ(config.schedule->end_time, std::chrono::hours{6});
    EXPECT_EQ(config.schedule->backup_interval.days, 7);
    EXPECT_EQ(config.schedule->max_age->days, 30);
    EXPECT_EQ(config.hooks.pre_restore, "/path/to/program {{NewVMName}} {{LocalPath}}/{{BackupName}}");
    EXPECT_FALSE(config.hooks.delay_post_backup_when_scheduled);
}
