// Folders of the predecessor are adopted as backups: what is written, and what prevents an adoption.
#include "daemon/engine/adoption.hpp"
#include "tests/simulation/engine_fixture.hpp"
#include "tests/simulation/fake_old_folders.hpp"
#include "tests/support/rule_zone.hpp"

namespace sb::test {
namespace {

using core::AdoptionVerdict;

struct OldFolders : EngineFixture, testing::Test {
    std::string const name = "2024-11-03_17-00-00 FILE01";
    RuleZone zone = utc();
    FakeOldFolders old;
    engine::Adopter adopter{*engine, catalog, old, time, zone};

    OldFolders() {
        core::OldFolder folder;
        folder.name = name;
        folder.definition_file = "FILE01.xml";
        folder.vm_uuid = "6b1f4f1e-0000-4000-8000-000000000001";
        folder.vm_name = "FILE01";
        folder.disks.push_back({DiskUuid{"6b1f4f1e-0000-4000-8000-000000000002"}, "VIRTIO_DISK", 10 << 20, 0});
        folder.files = {{"FILE01.xml", "definition"}, {"6b1f4f1e-0000-4000-8000-000000000002.qcow2", "disk"}};
        folder.size_bytes = 1 << 20;
        folder.first_change = folder.last_change = time.now() - 48h;
        old.folders[name] = folder;
    }
    engine::InspectedFolder adopt(bool is_protected = false) {
        auto const adopted = get(adopter.adopt(name, is_protected));
        if (!adopted) throw std::runtime_error(adopted.error().context);
        return *adopted;
    }
};

TEST_F(OldFolders, AreListedByName) {
    old.folders["another"] = {};
    auto const names = get(adopter.list());
    ASSERT_TRUE(names);
    EXPECT_EQ(*names, (std::vector<std::string>{name, "another"}));
}

TEST_F(OldFolders, ACompleteOneBecomesABackupWithAManifest) {
    EXPECT_EQ(adopt(true).adoption.verdict, AdoptionVerdict::adopted);
    ASSERT_TRUE(catalog.manifests.contains(name));
    auto const& manifest = catalog.manifests[name];
    EXPECT_EQ(manifest.vm_name, "FILE01");
    EXPECT_TRUE(manifest.is_protected);
    EXPECT_TRUE(adopter.adoptable({name}).empty());
}

TEST_F(OldFolders, APreviewWritesNothingAndRetentionCanCountWithIt) {
    auto const seen = get(adopter.inspect(name));
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->adoption.verdict, AdoptionVerdict::adoptable);
    EXPECT_TRUE(catalog.manifests.empty());
    EXPECT_EQ(adopter.adoptable({}).size(), 1u);
}

TEST_F(OldFolders, OneThatIsDamagedGetsNoManifest) {
    old.folders[name].problem = Error{Errc::damaged_backup, "an image's table lies outside the file"};
    EXPECT_EQ(adopt().adoption.verdict, AdoptionVerdict::damaged);
    EXPECT_TRUE(catalog.manifests.empty());
}

TEST_F(OldFolders, OneThatChangedAMomentAgoIsSkipped) {
    old.folders[name].last_change = time.now() - 1min;
    EXPECT_EQ(adopt().adoption.verdict, AdoptionVerdict::skipped);
    EXPECT_TRUE(catalog.manifests.empty());
}

TEST_F(OldFolders, WhatAFailedExportLeftIsSkipped) {
    cluster.add_vm("FILE01");
    cluster.task_error["FILE01"] = "the share is full";
    auto const id = backup("FILE01", name);
    time.run_for(1h);
    ASSERT_EQ(job(id).outcome, core::Outcome::failed);
    EXPECT_EQ(adopt().adoption.verdict, AdoptionVerdict::skipped);
}

TEST_F(OldFolders, WhatAFailedExportLeftIsSkippedUnderAnyName) {
    cluster.add_vm("FILE01");
    cluster.task_error["FILE01"] = "the share is full";
    auto const id = backup("FILE01", "nightly");
    time.run_for(1min);
    auto const failed = job(id);
    ASSERT_EQ(failed.end, core::ExportEnd::failed);
    auto& folder = old.folders[name];
    folder.definition_file = failed.definition_file;
    folder.vm_uuid = failed.vm.text();
    folder.last_change = *failed.finished;
    time.run_for(48h);
    auto const skipped = adopt().adoption;
    EXPECT_EQ(skipped.verdict, AdoptionVerdict::skipped);
    EXPECT_NE(skipped.reason.find("job " + std::to_string(id)), std::string::npos) << skipped.reason;
    folder.last_change = *failed.posted - 1h;
    time.run_for(1min);  // the journal is read again
    EXPECT_NE(adopt().adoption.verdict, AdoptionVerdict::skipped) << "an older folder of the same VM";
}

TEST_F(OldFolders, OneThatIsGoneIsNotFound) {
    old.folders.clear();
    EXPECT_EQ(adopt().adoption.verdict, AdoptionVerdict::not_found);
}

}  // namespace
}  // namespace sb::test
