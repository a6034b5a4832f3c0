// The rows of the trash in the journal: whatever happens to the file, a backup in the trash can still be offered.
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace sb::journal {
namespace {

using core::DeletedBackup;
using testing::ElementsAre;
using testing::IsEmpty;

DeletedBackup row(std::string const& entry) {
    DeletedBackup deleted;
    deleted.entry = entry;
    deleted.backup = "2026-11-22 O'Brien \"Größe\"; DROP TABLE jobs;--";
    deleted.vm = VmUuid("9e1f7a30");
    deleted.vm_name = "FILE01";
    deleted.cluster_uuid = "1f1f1f1f-1111-4111-8111-111111111111";
    deleted.installation = "0123456789abcdef";
    deleted.size_bytes = 1ull << 50;
    deleted.deleted = UtcTime(Milliseconds(1763874000123));
    deleted.why = "beyond MaxBackups";
    deleted.manifest = "2026-11-22 FILE01\n0a1b2c3d\n7\n2026-11-22T23:00:00Z";
    return deleted;
}

TEST_F(Journal, EveryFieldOfADeletedBackupIsReadBackAfterReopening) {
    open();
    EXPECT_THAT(*wait(journal_->deleted_backups()), IsEmpty());
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-1"))));
    open();
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(row("deleted-1")));
}

TEST_F(Journal, DeletedBackupsKeepTheOrderInWhichTheyWereDeletedEvenIfTheClockJumps) {
    open();
    auto later = row("z");
    later.deleted += std::chrono::hours{24};
    ASSERT_TRUE(wait(journal_->add_deleted(later)));
    ASSERT_TRUE(wait(journal_->add_deleted(row("a"))));
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(later, row("a")));
}

TEST_F(Journal, AddingAnEntryOfTheTrashAgainReplacesItsRowAtItsPlace) {
    open();
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-1"))));
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-2"))));
    auto again = row("deleted-1");
    again.why = "asked for by root";
    ASSERT_TRUE(wait(journal_->add_deleted(again)));
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(again, row("deleted-2")));
    for (auto const& name : files()) fs::remove(dir_ / name);
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(again, row("deleted-2")))
        << "in the copy in memory, too";
}

TEST_F(Journal, AForgottenEntryOfTheTrashIsGoneAndForgettingItTwiceIsNoError) {
    open();
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-1"))));
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-2"))));
    ASSERT_TRUE(wait(journal_->forget_deleted("deleted-1")));
    ASSERT_TRUE(wait(journal_->forget_deleted("deleted-1")));
    open();
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(row("deleted-2")));
}

TEST_F(Journal, DeletedBackupsAreInTheFileThatReplacesALostOne) {
    open();
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-1"))));
    open();  // the copy in memory holds what an earlier process recorded, too
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-2"))));
    ASSERT_TRUE(wait(journal_->add_deleted(row("deleted-3"))));
    ASSERT_TRUE(wait(journal_->forget_deleted("deleted-2")));
    for (auto const& name : files()) fs::remove(dir_ / name);
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(row("deleted-1"), row("deleted-3")));
    open();
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(row("deleted-1"), row("deleted-3")));
}

}  // namespace
}  // namespace sb::journal
