// What verification records in the manifest, and how a listing shows it.
#include "daemon/catalog/verification_record.hpp"

#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/manifest_checksum.hpp"
#include "daemon/catalog/scan.hpp"
#include "tests/unit/catalog/sample_manifest.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sb::catalog {
namespace {

namespace fs = std::filesystem;
using test::sample_manifest;
using namespace std::chrono_literals;

UtcTime const now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h};

TEST(ManifestChecksum, EverySingleFlippedBitOfAManifestIsFound) {
    auto const text = encode_manifest(sample_manifest());
    ASSERT_EQ(check_checksum(text), Checksum::valid);
    for (std::size_t at = 0; at < text.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto changed = text;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            ASSERT_NE(check_checksum(changed), Checksum::valid) << "byte " << at << " bit " << bit;
        }
}

TEST(ManifestChecksum, OurChangesRenewItAndDoNotHideForeignChanges) {
    auto const text = encode_manifest(sample_manifest());
    auto const ours = with_protection(text, true);
    ASSERT_TRUE(ours) << ours.error().context;
    EXPECT_EQ(check_checksum(*ours), Checksum::valid);
    EXPECT_TRUE(decode_manifest(*ours)->is_protected);

    auto theirs = text;
    theirs.replace(theirs.find("\"vm\": \""), 8, "\"vm\": \"x");
    ASSERT_EQ(check_checksum(theirs), Checksum::invalid);
    auto const both = with_protection(theirs, true);
    ASSERT_TRUE(both) << both.error().context;
    EXPECT_EQ(check_checksum(*both), Checksum::invalid);
}

TEST(ManifestChecksum, AManifestWithoutOneGetsItWithItsFirstChange) {
    auto const text = encode_manifest(sample_manifest());
    auto const bare = text.substr(0, text.find(",\n    \"seal\"")) + "\n}\n";
    ASSERT_TRUE(decode_manifest(bare)) << bare;
    EXPECT_EQ(check_checksum(bare), Checksum::absent);
    EXPECT_EQ(check_checksum(*with_protection(bare, false)), Checksum::valid);
}

TEST(ManifestEdit, KeepsWhatItDoesNotKnow) {
    auto text = encode_manifest(sample_manifest());
    text.replace(text.find("\"scheduled\""), 0, "\"of_a_later_version\": {\"a\": [1, 2]}, ");
    ManifestChanges changes;
    changes.damage = core::Damage{"reread", now, "it is broken"};
    changes.content[sample_manifest().files.front().name] = std::string(64, 'a');
    auto const changed = with_changes(text, changes);
    ASSERT_TRUE(changed) << changed.error().context;
    EXPECT_NE(changed->find("of_a_later_version"), std::string::npos);
    auto expected = sample_manifest();
    expected.damage = changes.damage.value();
    expected.files.front().content = std::string(64, 'a');
    EXPECT_EQ(*decode_manifest(*changed), expected);
    changes = {};
    changes.damage = std::optional<core::Damage>();
    EXPECT_EQ(decode_manifest(*with_changes(*changed, changes))->damage, std::nullopt);
}

TEST(ManifestCodec, VerificationResultsReadBackUnchanged) {
    auto manifest = sample_manifest();
    manifest.verified =
        core::with_verification(core::with_verification({}, core::Level::content, now), core::Level::reread, now + 24h);
    manifest.damage = core::Damage{"reread", now, "'disk' has changed"};
    manifest.files.front().content = std::string(64, '0');
    EXPECT_EQ(*decode_manifest(encode_manifest(manifest)), manifest);
}

class VerificationRecord : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sb-verify-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        share_ = pattern;
        fs::create_directory(share_ / "b");
        auto manifest = sample_manifest();
        manifest.backup = "b";
        manifest.disks.clear();
        manifest.files = {{.name = "b.xml", .role = "definition", .size_bytes = 45}};
        manifest.definition_file = "b.xml";
        manifest.verified.reset();
        std::ofstream(share_ / "b" / "b.xml") << "<domain><name>FILE01</name><devices/></domain>";
        manifest.files[0].size_bytes = fs::file_size(share_ / "b" / "b.xml");
        std::ofstream(share_ / "b" / core::manifest_file_name) << encode_manifest(manifest);
    }
    void TearDown() override { fs::remove_all(share_); }
    platform::Folder root() const { return std::move(*platform::Folder::open(share_)); }
    core::Backup seen() const { return **read_backup(root(), "b"); }

    fs::path share_;
    std::mutex lock_;
};

TEST_F(VerificationRecord, DamageIsClearedOnlyByAVerificationOfTheSameLevel) {
    ASSERT_TRUE(check_backup(root(), "b", core::Level::content));
    ASSERT_TRUE(record_damage(root(), "b", {"reread", now, "'b.xml' has changed"}, lock_));
    EXPECT_EQ(seen().state, core::BackupState::damaged);
    EXPECT_NE(seen().problem.find("'b.xml' has changed"), std::string::npos);
    EXPECT_EQ(*record_verification(root(), "b", core::Level::structure, now, {}, lock_), false);
    EXPECT_EQ(seen().state, core::BackupState::damaged) << "a check of the tables shows nothing about the content";
    EXPECT_EQ(*record_verification(root(), "b", core::Level::reread, now + 1h, {{"b.xml", 45, {}}}, lock_), true);
    EXPECT_EQ(seen().state, core::BackupState::complete);
    EXPECT_EQ(seen().manifest->verified->level, "reread");
    EXPECT_EQ(seen().manifest->files[0].content, std::string(64, '0'));
}

TEST_F(VerificationRecord, AMissingFileMakesABackupIncompleteNotDamaged) {
    fs::remove(share_ / "b" / "b.xml");
    EXPECT_EQ(check_backup(root(), "b", core::Level::structure).error().code, Errc::incomplete_backup);
    fs::remove(share_ / "b" / core::manifest_file_name);
    EXPECT_EQ(check_backup(root(), "b", core::Level::structure).error().code, Errc::refused);
    EXPECT_EQ(check_backup(root(), "c", core::Level::structure).error().code, Errc::not_found);
    EXPECT_EQ(check_backup(root(), ".scale-backup-trash", core::Level::structure).error().code, Errc::not_found);
}

TEST_F(VerificationRecord, ADefinitionOfTheRightSizeWithoutContentIsDamaged) {
    auto const path = share_ / "b" / "b.xml";
    auto const size = fs::file_size(path);
    std::ofstream(path, std::ios::trunc) << std::string(size, '\0');
    EXPECT_EQ(check_backup(root(), "b", core::Level::structure).error().code, Errc::damaged_backup);
    std::ofstream(path, std::ios::trunc) << "<domain><name>FILE01</name>" << std::string(size - 27, ' ');
    EXPECT_EQ(check_backup(root(), "b", core::Level::structure).error().code, Errc::damaged_backup)
        << "an unclosed element";
}

TEST_F(VerificationRecord, AFolderWithAnUnreadableManifestBelongsToTheVmInItsDefinition) {
    std::ofstream(share_ / "b" / "b.xml")
        << "<domain><name>FILE01</name><uuid>6B1F4F1E-9d4b-4c1e-8d52-0d6c2a8f1a10</uuid></domain>";
    std::ofstream(share_ / "b" / core::manifest_file_name) << std::string(500, '\0');
    EXPECT_EQ(seen().state, core::BackupState::damaged);
    EXPECT_EQ(seen().presumed_vm, VmUuid("6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10"));
    fs::remove(share_ / "b" / "b.xml");
    EXPECT_EQ(seen().presumed_vm, VmUuid());
}

TEST_F(VerificationRecord, AForeignChangeOfTheManifestIsFoundByContentVerification) {
    auto const path = share_ / "b" / core::manifest_file_name;
    std::string text;
    {
        std::ifstream in(path);
        text.assign(std::istreambuf_iterator<char>(in), {});
    }
    text.replace(text.find("\"scheduled\": "), 13, "\"scheduled\":  ");
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_TRUE(check_backup(root(), "b", core::Level::structure));
    EXPECT_EQ(seen().state, core::BackupState::complete);
    auto const found = check_backup(root(), "b", core::Level::content);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::damaged_backup);
}

}  // namespace
}  // namespace sb::catalog
