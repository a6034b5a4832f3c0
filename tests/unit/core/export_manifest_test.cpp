#include "daemon/core/export_manifest.hpp"
#include "daemon/core/rebuild_history.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

using namespace std::chrono_literals;

Job complete_export() {
    Job job;
    job.id = 17;
    job.vm = VmUuid("u1");
    job.vm_name = "FILE01";
    job.backup = "nightly";
    job.attempt = "0a1b2c3d";
    job.definition_file = "nightly.xml";
    job.scheduled = true;
    job.disks = {Disk{DiskUuid{"a"}, "VIRTIO_DISK", 100, 30}};
    job.tag = TaskTag("4711");
    job.end = ExportEnd::seen;
    job.queued = UtcTime(1000s);
    job.posted = UtcTime(1060s);
    return job;
}

TEST(ExportManifest, IsTheJobsOnlyWithTheFilesThatWereInspected) {
    auto job = complete_export();
    InspectedExport inspected;
    inspected.files.push_back({"nightly.xml", "definition", 7, 0, "", "1:ab"});
    auto const own = export_manifest(job, inspected);
    EXPECT_FALSE(is_manifest_of(job, own)) << "nothing was inspected";
    job.inspected = inspected_text(inspected.files);
    EXPECT_TRUE(is_manifest_of(job, own));
    auto changed = own;
    changed.backup = "nightly (2)";
    changed.is_protected = true;
    changed.verified = Verified{"content", UtcTime(2000s)};
    changed.files.front().content = "cd";
    EXPECT_TRUE(is_manifest_of(job, changed)) << "as commit, protect and verify write it";
    for (auto const word : {&BackupFile::name, &BackupFile::role, &BackupFile::structure}) {
        auto other = own;
        other.files.front().*word = "x";
        EXPECT_FALSE(is_manifest_of(job, other));
    }
    auto other = own;
    other.files.front().size_bytes = 8;
    EXPECT_FALSE(is_manifest_of(job, other));
    other = own;
    other.files.push_back({"more.qcow2", "disk", 1});
    EXPECT_FALSE(is_manifest_of(job, other));
    other = own;
    other.job = 18;
    EXPECT_FALSE(is_manifest_of(job, other));
    other = own;
    other.definition_file = "planted.xml";
    EXPECT_FALSE(is_manifest_of(job, other));
}

TEST(ExportManifest, HasWhatTheJobKnowsAndWhatTheInspectionFound) {
    auto const job = complete_export();
    InspectedExport inspected;
    inspected.files.resize(2);
    inspected.verified = Verified{"structure", UtcTime(2000s)};
    inspected.vm_tags = {"Nightly"};
    inspected.cluster_host = "node-1";
    inspected.completed = UtcTime(2000s);
    inspected.program = "scale-backupd 1";
    auto const manifest = export_manifest(job, inspected);
    EXPECT_EQ(manifest.backup, "nightly");
    EXPECT_EQ(manifest.attempt, "0a1b2c3d");
    EXPECT_EQ(manifest.end, ExportEnd::seen);
    EXPECT_EQ(manifest.job, 17u);
    EXPECT_EQ(manifest.vm_uuid, job.vm);
    EXPECT_EQ(manifest.definition_file, "nightly.xml");
    EXPECT_EQ(manifest.disks, job.disks);
    EXPECT_TRUE(manifest.scheduled);
    EXPECT_EQ(manifest.started, UtcTime(1060s)) << "when it was requested";
    EXPECT_EQ(manifest.completed, UtcTime(2000s));
    EXPECT_EQ(manifest.files, inspected.files);
    EXPECT_EQ(manifest.verified, inspected.verified);
    EXPECT_EQ(manifest.vm_tags, inspected.vm_tags);
    EXPECT_EQ(manifest.cluster_host, "node-1");
    EXPECT_EQ(manifest.program, "scale-backupd 1");
    EXPECT_FALSE(manifest.is_protected);
    EXPECT_FALSE(manifest.adopted);
}

TEST(ExportManifest, ALostJournalLearnsTheAttemptAndTheEndFromIt) {
    Backup backup;
    backup.name = backup.folder = "nightly";
    backup.manifest = export_manifest(complete_export(), InspectedExport());
    auto const jobs = jobs_from_manifests({backup});
    ASSERT_EQ(jobs.size(), 1u);
    EXPECT_EQ(jobs.front().attempt, "0a1b2c3d");
    EXPECT_EQ(jobs.front().end, ExportEnd::seen);
    EXPECT_EQ(folder_of(jobs.front()), "nightly");
}

}  // namespace
}  // namespace sb::core
