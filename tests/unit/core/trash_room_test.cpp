#include "daemon/core/trash_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TrashedCopy trashed(std::string entry, std::string vm, CopyWorth worth, int hour = 0) {
    TrashedCopy copy;
    copy.entry = std::move(entry);
    copy.vm = VmUuid(std::move(vm));
    copy.cluster_uuid = "cluster";
    copy.worth = worth;
    copy.started = UtcTime(std::chrono::hours(hour));
    return copy;
}

std::vector<std::string> entries(std::vector<TrashedCopy> const& copies) {
    std::vector<std::string> names;
    for (auto const& copy : copies) names.push_back(copy.entry);
    return names;
}

std::vector<std::string> last_of(std::vector<TrashedCopy> const& trash, std::set<VmOfCluster> const& with = {}) {
    return entries(last_copies(trash, with));
}

using enum CopyWorth;

TEST(TrashRoom, OfAVmWithoutABackupTheNewestGoodDeletedOneIsTheLastCopy) {
    EXPECT_THAT(last_of({trashed("1", "A", good, 2), trashed("2", "A", good, 1)}), ElementsAre("1"));
    EXPECT_THAT(last_of({trashed("1", "A", good, 1), trashed("2", "A", bad)}), ElementsAre("1"));
    EXPECT_THAT(last_of({trashed("1", "A", unknown), trashed("2", "A", good)}), ElementsAre("2"));
    EXPECT_THAT(last_of({trashed("1", "A", bad)}), IsEmpty()) << "nothing could be restored from it";
    EXPECT_THAT(last_of({trashed("1", "A", good), trashed("2", "B", good)}), ElementsAre("1", "2"));
}

TEST(TrashRoom, WithoutOneThatIsKnownToBeGoodEachThatMayBeGoodIsALastCopy) {
    EXPECT_THAT(last_of({trashed("1", "A", unknown), trashed("2", "A", unknown), trashed("3", "A", bad)}),
                ElementsAre("1", "2"));
    EXPECT_THAT(last_of({trashed("1", "", good), trashed("2", "", good)}), ElementsAre("1", "2"))
        << "of VMs that are not known";
}

TEST(TrashRoom, AVmWithAGoodBackupHasNoLastCopyInTheTrash) {
    std::set<VmOfCluster> const with{{VmUuid("A"), "cluster"}};
    EXPECT_THAT(last_of({trashed("1", "A", good), trashed("2", "A", unknown)}, with), IsEmpty());
    auto other = trashed("1", "A", good);
    other.cluster_uuid = "other";
    EXPECT_THAT(last_of({other}, with), ElementsAre("1")) << "the same uuid at another cluster is another VM";
    other.cluster_uuid.clear();
    EXPECT_THAT(last_of({other}, with), IsEmpty()) << "of an earlier version";
}

TEST(TrashRoom, LastCopiesGoAfterAllOthersAndNeverForTheirOwnVm) {
    std::vector<TrashedCopy> const trash{trashed("a", "A", good), trashed("b", "B", good), trashed("c", "C", good),
                                         trashed("a0", "A", bad)};
    auto const last = last_copies(trash, {{VmUuid("C"), "cluster"}});
    EXPECT_THAT(entries(removable_for(VmUuid("A"), trash, last)), ElementsAre("c", "a0", "b"));
    EXPECT_THAT(entries(removable_for(VmUuid("C"), trash, last)), ElementsAre("c", "a0", "a", "b"));
    EXPECT_THAT(entries(removable_for(VmUuid(), trash, last)), ElementsAre("c", "a0", "a", "b"));
}

Backup backup_of(std::string const& vm) {
    Backup backup;
    backup.name = vm;
    backup.state = BackupState::complete;
    backup.manifest.emplace();
    backup.manifest->vm_uuid = VmUuid(vm);
    backup.manifest->cluster_uuid = "cluster";
    backup.manifest->end = ExportEnd::seen;
    return backup;
}

TEST(TrashRoom, ABackupCountsOnlyIfItsVmCanBeRestoredFromIt) {
    UtcTime const now(std::chrono::hours(1000));
    std::vector<Backup> backups;
    for (auto const* vm : {"good", "damaged", "incomplete", "claim", "end", "silent", "future", "checked"})
        backups.push_back(backup_of(vm));
    backups[1].state = BackupState::damaged;
    backups[2].state = BackupState::incomplete;
    backups[3].is_claim = true;
    backups[4].manifest->end = ExportEnd::inferred;
    backups[5].is_unanswered = true;
    backups[6].manifest->started = now + std::chrono::hours(1);
    backups[7].is_only_checked = true;  // after the journal was lost: it may have been planted before
    EXPECT_THAT(vms_with_good_backups(backups, now), UnorderedElementsAre(VmOfCluster(VmUuid("good"), "cluster")));
    std::vector<CopyWorth> worths;
    for (auto const& backup : backups) worths.push_back(worth_of(backup));
    EXPECT_THAT(worths, ElementsAre(good, bad, bad, unknown, unknown, good, good, unknown));
}

}  // namespace
}  // namespace sb::core
