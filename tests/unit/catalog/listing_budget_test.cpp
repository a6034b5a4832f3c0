// A listing of LocalPath takes little memory, whatever manifests anyone who can write to the share puts into it.
#include "daemon/catalog/listing_budget.hpp"

#include "daemon/catalog/folder_listing.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <map>
#include <numeric>

using namespace sb;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace sb::catalog {
namespace {

using ReadBackups = std::map<std::string, core::Backup>;

core::Backup backup_of(std::string name, core::Manifest manifest) {
    core::Backup backup;
    backup.name = name;
    backup.folder = std::move(name);
    backup.state = BackupState::complete;
    backup.size_bytes = 7;
    backup.manifest = std::move(manifest);
    return backup;
}

/// A manifest as large as it may be: every list and text at its limit, as long as the whole is.
core::Manifest largest_manifest() {
    std::string const id(max_manifest_id_bytes, 'i'), text(max_manifest_text_bytes, 't');
    auto manifest = test::sample_manifest();
    manifest.backup = id;
    manifest.vm_uuid = VmUuid(id);
    manifest.vm_name = text;
    manifest.cluster_host = id;
    manifest.cluster_uuid = id;
    manifest.cluster_name = text;
    manifest.task_tag = TaskTag(id);
    manifest.definition_file = id;
    manifest.program = text;
    manifest.verified = core::Verified{.level = text, .at = manifest.completed};
    manifest.damage = core::Damage{text, manifest.completed, text};
    manifest.adopted = core::Adopted{.at = manifest.completed, .notes = {}};
    manifest.vm_tags.assign(max_manifest_entries, std::string(300, 't'));
    manifest.adopted->notes.assign(max_manifest_entries, std::string(300, 'n'));
    manifest.disks.assign(max_manifest_entries,
                          {.uuid = DiskUuid(std::string(300, 'd')), .type = std::string(80, 'D')});
    manifest.files.assign(
        max_manifest_entries,
        {.name = std::string(250, 'f') + ".qcow2", .role = "disk", .structure = std::string(100, 's')});
    return manifest;
}

Result<std::vector<core::Backup>> list(ReadBackups const& backups, std::size_t most = max_listing_bytes) {
    std::vector<std::string> names;
    for (auto const& [name, backup] : backups) names.push_back(name);
    FolderListing listing(std::make_shared<FolderReads>(), most);
    return listing.list(names, [&](std::string const& name) -> Result<std::optional<core::Backup>> {
        return std::optional(backups.at(name));
    });
}

std::size_t bytes_of(std::vector<core::Backup> const& backups) {
    return std::accumulate(backups.begin(), backups.end(), std::size_t{0},
                           [](std::size_t sum, core::Backup const& backup) { return sum + kept_bytes(backup); });
}

/// An ordinary backup of a server with a few disks.
core::Backup ordinary(std::string const& name) {
    auto manifest = test::sample_manifest();
    manifest.backup = name;
    manifest.vm_tags = {"backup", "production", "site-vienna"};
    manifest.disks.assign(
        4, {.uuid = DiskUuid("0a1b2c3d-4e5f-4a1b-8c2d-0123456789ab"), .type = "VIRTIO_DISK", .capacity_bytes = 1});
    return backup_of(name, std::move(manifest));
}

std::vector<std::string> names_without_manifest(std::vector<core::Backup> const& backups) {
    std::vector<std::string> names;
    for (auto const& backup : backups)
        if (!backup.manifest) names.push_back(backup.name);
    return names;
}

}  // namespace

TEST(ListingBudget, TwentyThousandOrdinaryBackupsFitByAWideMargin) {
    auto const one = kept_bytes(for_listing(ordinary("2026-01-01_00-00-00 database server 12")));
    EXPECT_LT(one * 20'000, max_listing_bytes * 3 / 4) << one;
}

TEST(ListingBudget, AVmWithManyDisksKeepsThem) {
    auto backup = ordinary("big");
    backup.manifest->disks.resize(26, backup.manifest->disks.front());
    EXPECT_EQ(for_listing(backup).manifest->disks.size(), 26u);
}

TEST(ListingBudget, ManifestsAtTheirLimitsTakeLittleAndAreAllListed) {
    auto const text = encode_manifest(largest_manifest());
    ASSERT_LT(text.size(), max_manifest_bytes);
    ASSERT_GT(text.size(), max_manifest_bytes / 2);
    auto const manifest = decode_manifest(text);
    ASSERT_TRUE(manifest) << manifest.error().context;
    auto const read = backup_of(std::string(255, 'x'), *manifest);
    EXPECT_GT(kept_bytes(read), 700'000u) << "what a restore needs is all there";
    EXPECT_LE(kept_bytes(for_listing(read)), max_listed_backup_bytes);

    ReadBackups backups;
    for (int i = 0; i < 100; ++i) backups.emplace("planted " + std::to_string(i), read);
    for (auto& [name, backup] : backups) backup.name = backup.folder = name;
    auto const listed = list(backups);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 100u);
    EXPECT_THAT(names_without_manifest(*listed), IsEmpty());
    EXPECT_LE(bytes_of(*listed), 100 * max_listed_backup_bytes);
    EXPECT_EQ(listed->front().manifest->vm_uuid, manifest->vm_uuid);
    EXPECT_EQ(listed->front().state, BackupState::complete);
}

TEST(ListingBudget, ATextThatWasCutKeepsNoMemoryForTheRest) {
    auto manifest = test::sample_manifest();
    manifest.program = std::string(500'000, 'p');
    manifest.damage = core::Damage{"content", manifest.completed, std::string(400'000, 'r')};
    auto const read = decode_manifest(encode_manifest(manifest));
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_LT(kept_bytes(backup_of("b", *read)), 16'000u);
}

TEST(ListingBudget, ALongProblemIsCutToWholeCharacters) {
    core::Backup backup;
    for (int i = 0; i < 1000; ++i) backup.problem += "ä";
    auto const listed = for_listing(backup);
    EXPECT_TRUE(listed.problem.ends_with("ä…") && listed.problem.size() < 520) << listed.problem;
}

TEST(ListingBudget, BeyondItTheLargestAreListedWithoutTheirManifestsAndNoneIsMissing) {
    auto const small = ordinary("small");
    auto large = ordinary("large");
    large.manifest->vm_name = std::string(500, 'v');
    large.manifest->cluster_host = std::string(500, 'h');
    ReadBackups backups;
    // Before and after the small ones, by name.
    for (auto const* name : {"a 1", "a 2", "a 3", "z 1", "z 2", "z 3"}) backups.emplace(name, large);
    for (auto const* name : {"m 1", "m 2", "m 3", "m 4"}) backups.emplace(name, small);
    for (auto& [name, backup] : backups) backup.name = backup.folder = name;

    auto const one = kept_bytes(for_listing(small)), more = kept_bytes(for_listing(large));
    ASSERT_GT(more, one + 500);
    auto const listed = list(backups, 4 * one + 2 * more + 100);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 10u);
    EXPECT_EQ(names_without_manifest(*listed).size(), 4u);
    for (auto const& backup : *listed) {
        bool const is_small = backup.name.starts_with("m");
        if (is_small) EXPECT_TRUE(backup.manifest) << backup.name;
        if (backup.manifest) continue;
        EXPECT_EQ(backup.state, BackupState::unverified);
        EXPECT_EQ(backup.folder, backup.name);
        EXPECT_EQ(backup.size_bytes, 7u);
        EXPECT_THAT(backup.problem, HasSubstr("its manifest is too large for this list"));
    }
}

TEST(ListingBudget, OneThatIsLargerThanEverythingIsListedWithoutItsManifest) {
    auto const listed = list({{"b", ordinary("b")}}, 100);
    ASSERT_TRUE(listed);
    EXPECT_THAT(names_without_manifest(*listed), ElementsAre("b"));
}

TEST(ListingBudget, AllSmallManifestsAreReadAndLargeOnesUpToALimit) {
    ManifestReads reads;
    for (int i = 0; i < 20'000; ++i) ASSERT_EQ(reads.refusal(max_small_manifest_bytes), "");
    std::size_t read = 0;
    for (int i = 0; i < 700; ++i) read += reads.refusal(max_manifest_bytes).empty() ? max_manifest_bytes : 0;
    EXPECT_EQ(read, max_large_manifests_bytes);
    EXPECT_THAT(reads.refusal(max_manifest_bytes), HasSubstr("1 MiB is too large to be read for this list"));
    EXPECT_EQ(reads.refusal(4000), "");
    EXPECT_EQ(reads.refusal(max_manifest_bytes + 1), "") << "refused as damaged, without being read";
}

TEST_F(Catalog, AListReadsAGenuineManifestAmongHundredsOfLargeOnes) {
    auto const definition = std::string("<x>");
    auto planted = largest_manifest();
    planted.damage.reset();
    planted.files.assign(max_manifest_entries, {.name = "vm.xml", .role = "definition", .size_bytes = 3});
    auto const text = encode_manifest(planted);
    int const folders = 1 + static_cast<int>(max_large_manifests_bytes / text.size()) + 20;
    for (int i = 0; i < folders; ++i) {
        auto const name = "a planted one " + std::to_string(i);
        write(fs::path(name) / "vm.xml", definition);
        write(fs::path(name) / core::manifest_file_name, text);
    }
    write_sample("genuine");
    ASSERT_TRUE(wait(catalog_->write_manifest("genuine", sample("genuine"))));
    auto const listed = wait(catalog_->list()).value();
    EXPECT_EQ(listed.size(), static_cast<std::size_t>(folders) + 1);
    EXPECT_EQ(listed.back().name, "genuine");
    EXPECT_EQ(listed.back().state, BackupState::complete);
    auto const unread = names_without_manifest(listed);
    EXPECT_EQ(unread.size(), 21u);
    EXPECT_THAT(listed.at(listed.size() - 2).problem, HasSubstr("too large to be read"));
    for (auto const& name : unread) EXPECT_EQ(found(name).state, BackupState::complete) << "one alone is read";
}

TEST_F(Catalog, AListLeavesOutTheFilesThatOneBackupIsReadWith) {
    write_sample("b");
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    auto const listed = wait(catalog_->list()).value();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed.front().state, BackupState::complete);
    EXPECT_THAT(listed.front().manifest->files, IsEmpty());
    EXPECT_EQ(listed.front().manifest->disks, sample("b").disks);
    EXPECT_EQ(found("b").manifest->files, sample("b").files);
    EXPECT_EQ(found("b").manifest->vm_tags, sample("b").vm_tags);
    EXPECT_EQ(core::identity_of(*listed.front().manifest), core::identity_of(*found("b").manifest));
}

}  // namespace sb::catalog
