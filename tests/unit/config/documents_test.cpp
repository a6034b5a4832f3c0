// The documents agree with the descriptors of the keys.
#include "common/config/defaults.hpp"
#include "common/config/key.hpp"
#include "tests/unit/config/config_texts.hpp"
#include "tests/unit/config/document_text.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
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

void write_to(std::filesystem::path const& path, std::string const& text) {
    std::ofstream(path, std::ios::binary) << text;
}

/// With SB_WRITE_DOCUMENTS in the environment the file is made instead of compared.
void expect_file(std::filesystem::path const& path, std::string const& wanted) {
    if (std::getenv("SB_WRITE_DOCUMENTS") != nullptr) write_to(path, wanted);
    EXPECT_TRUE(text_of(path) == wanted) << path << " does not match common/config/keys.cpp. To make it again:\n"
                                         << "SB_WRITE_DOCUMENTS=1 ctest --test-dir build/dev -R ConfigDocuments";
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

TEST(ConfigDocuments, TheExampleIsMadeFromTheKeys) {
    expect_file(source_folder / "config/config.toml.example", example_file());
}

TEST(ConfigDocuments, TheTablesOfThePageAreMadeFromTheKeys) {
    auto const page = source_folder / "docs/config.md";
    expect_file(page, with_tables(text_of(page)));
}

TEST(ConfigDocuments, EveryKeyIsDescribed) {
    for (auto const& section : all_sections()) {
        EXPECT_TRUE(section.help.ends_with('.')) << section.name;
        for (auto const& key : section.keys) {
            EXPECT_NE(key.allowed, "") << key.full_name();
            EXPECT_NE(key.example, "") << key.full_name();
            EXPECT_NE(key.help, "") << key.full_name();
            EXPECT_EQ(key.help.find('\n'), std::string_view::npos) << key.full_name();
            EXPECT_FALSE(key.help.ends_with('.')) << key.full_name();
        }
    }
}

TEST(ConfigDocuments, TheDocumentedPlacesAreThoseOfThisSystem) {
    for (auto const* name : {"Socket", "StateDir"}) {
        auto const* key = find_key("Daemon", name);
        EXPECT_THAT(std::string(key->documented_default), ::testing::HasSubstr('`' + *key->value(Config()) + '`'));
    }
    EXPECT_THAT(find_key("Daemon", "Socket")->allowed,
                ::testing::HasSubstr(std::to_string(system_defaults().max_socket_path)));
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
    EXPECT_EQ(config.hooks.command(sb::HookKind::pre_restore),
              "/path/to/program {{NewVMName}} {{LocalPath}}/{{BackupName}}");
    EXPECT_FALSE(config.hooks.delay_post_backup_when_scheduled);
}
