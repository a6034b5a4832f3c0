#include "daemon/core/moved_backup.hpp"

#include "schedule_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

/// VM "a" was backed up at 18:00 and, the night before, at 17:00; it is 20:00.
struct MovedBackups : ::testing::Test {
    RuleZone zone = utc();
    UtcTime now = at("2026-11-23 20:00", zone);
    UtcTime since = UtcTime::min();
    Timing timing = every(1);
    std::map<VmUuid, std::vector<Success>> successes;
    std::vector<Stored> backups;

    MovedBackups() {
        successes[VmUuid{"a"}] = {{"new", "A", at("2026-11-23 18:00", zone), ExportEnd::seen},
                                  {"before", "A", at("2026-11-22 17:00", zone), ExportEnd::seen}};
        backups = {a_copy("a", at("2026-11-22 17:00", zone), "before"),
                   a_copy("a", at("2026-11-23 18:00", zone), "new")};
    }
    Success& newest() { return successes.begin()->second.front(); }
    std::vector<MovedBackup> moved() { return moved_backups(successes, backups, since, now, timing, zone); }
};

}  // namespace

TEST_F(MovedBackups, AreNoneWhileTheNewestIsThere) { EXPECT_THAT(moved(), IsEmpty()); }

TEST_F(MovedBackups, OneThatIsGoneIsOne) {
    backups.pop_back();
    ASSERT_THAT(moved(), SizeIs(1));
    EXPECT_EQ(moved().front().backup, "new");
    EXPECT_EQ(moved().front().started, at("2026-11-23 18:00", zone));
    EXPECT_FALSE(moved().front().is_there);
}

TEST_F(MovedBackups, OneThatWasRenamedIsStillThere) {
    backups.back().name = "keep this";
    EXPECT_THAT(moved(), IsEmpty());
}

TEST_F(MovedBackups, OneWhoseEndWasNotSeenIsNot) {
    backups.pop_back();
    for (auto const end : {ExportEnd::inferred, ExportEnd::unknown}) {
        newest().end = end;
        EXPECT_THAT(moved(), IsEmpty()) << name_of(end);
    }
}

TEST_F(MovedBackups, ANewestThatIsThereInWhateverStateIsFound) {
    EXPECT_THAT(vms_with_newest(successes, backups), ElementsAre(VmUuid{"a"}));
    backups.back().state = BackupState::damaged;
    EXPECT_THAT(vms_with_newest(successes, backups), ElementsAre(VmUuid{"a"}));
    backups.back().vm = VmUuid();  // its manifest cannot be read, or its folder does not answer
    EXPECT_THAT(vms_with_newest(successes, backups), ElementsAre(VmUuid{"a"}));
    backups.pop_back();
    EXPECT_THAT(vms_with_newest(successes, backups), IsEmpty());
}

TEST_F(MovedBackups, ADamagedOneIsNotSoItsVmIsExportedAgain) {
    backups.back().state = BackupState::damaged;
    EXPECT_THAT(moved(), IsEmpty());
    backups.front().state = BackupState::damaged;
    EXPECT_THAT(moved(), IsEmpty()) << "however often";
}

TEST_F(MovedBackups, ADamagedOneWithoutAManifestIsKnownByItsName) {
    backups.back() = Stored{};
    backups.back().name = "new";
    backups.back().state = BackupState::damaged;
    EXPECT_THAT(moved(), IsEmpty());
}

TEST_F(MovedBackups, AChangedOneIsOneOnlyIfTheOneBeforeWasChangedToo) {
    backups.back().state = BackupState::incomplete;
    EXPECT_THAT(moved(), IsEmpty()) << "it may be damage";
    backups.front().state = BackupState::incomplete;
    ASSERT_THAT(moved(), SizeIs(1));
    EXPECT_TRUE(moved().front().is_there);
    successes.begin()->second.back().started -= 24h * 3;
    backups.front().started -= 24h * 3;
    EXPECT_THAT(moved(), IsEmpty()) << "that one is older than two intervals";
}

TEST_F(MovedBackups, FilesOfAnotherSizeAreNoDamageUnlessAVerificationSaysSo) {
    Backup backup;
    backup.state = BackupState::damaged;
    EXPECT_EQ(state_after_export(stored_of(backup)), BackupState::damaged) << "its manifest cannot be read";
    backup.manifest = Manifest();
    EXPECT_EQ(state_after_export(stored_of(backup)), BackupState::incomplete);
    backup.manifest->damage = Damage();
    EXPECT_EQ(state_after_export(stored_of(backup)), BackupState::damaged);
    backup.state = BackupState::complete;
    EXPECT_EQ(state_after_export(stored_of(backup)), BackupState::complete);
}

TEST_F(MovedBackups, AChangedOneAfterADamagedOneIsOneSoThatNoExportIsRepeatedWithoutAPause) {
    backups.back().state = BackupState::incomplete;
    backups.front().state = BackupState::damaged;
    EXPECT_THAT(moved(), SizeIs(1));
}

TEST_F(MovedBackups, TwoWithoutASeenEndThatAreGoneCountAsOne) {
    newest().end = successes.begin()->second.back().end = ExportEnd::inferred;
    backups.clear();
    EXPECT_THAT(moved(), SizeIs(1));
    successes.begin()->second.back().started -= 24h * 3;
    EXPECT_THAT(moved(), IsEmpty()) << "that one is older than two intervals";
}

TEST_F(MovedBackups, DamagedExportsCountAsFailuresWithGrowingPauses) {
    EXPECT_THAT(damaged_exports(successes, backups), IsEmpty());
    backups.back().state = BackupState::damaged;
    backups.back().completed = newest().started + 3h;
    auto once = damaged_exports(successes, backups);
    ASSERT_THAT(once, SizeIs(1));
    EXPECT_EQ(retry_at(once.front().failures), newest().started + 3h + 5min) << "from the end of the export";
    EXPECT_FALSE(once.front().is_repeated);
    backups.front().state = BackupState::damaged;
    auto const twice = damaged_exports(successes, backups);
    ASSERT_THAT(twice, SizeIs(1));
    EXPECT_TRUE(twice.front().is_repeated);
    EXPECT_EQ(retry_at(twice.front().failures), newest().started + 3h + 1h) << "only the last two are known";
    backups.back().state = BackupState::complete;
    EXPECT_THAT(damaged_exports(successes, backups), IsEmpty()) << "the newest is good";
}

TEST_F(MovedBackups, MattersOnlyUntilTheVmIsDueAgain) {
    backups.pop_back();
    now = at("2026-11-24 16:59", zone);
    EXPECT_THAT(moved(), SizeIs(1));
    now = at("2026-11-24 17:00", zone);
    EXPECT_THAT(moved(), IsEmpty());
}

TEST_F(MovedBackups, OfAnotherLocalPathDoNotCount) {
    backups.clear();
    since = at("2026-11-23 19:00", zone);
    EXPECT_THAT(moved(), IsEmpty());
}

TEST_F(MovedBackups, OneDatedInTheFutureDoesNotCount) {
    backups.pop_back();
    now = at("2026-11-23 12:00", zone);
    EXPECT_THAT(moved(), IsEmpty());
}

TEST(UnknownEnds, NameTheNewestCopyOfEachVmIfItsEndIsNotKnown) {
    auto const zone = utc();
    auto const now = at("2026-11-23 20:00", zone);
    std::vector<Stored> backups = {a_copy("a", at("2026-11-22 17:00", zone), "old a"),
                                   a_copy("a", at("2026-11-23 17:00", zone), "new a"),
                                   a_copy("b", at("2026-11-23 17:00", zone), "new b")};
    EXPECT_THAT(newest_without_known_end(backups, now), IsEmpty());
    backups[0].end_known = false;
    EXPECT_THAT(newest_without_known_end(backups, now), IsEmpty()) << "a newer one counts";
    backups[1].end_known = false;
    EXPECT_THAT(newest_without_known_end(backups, now), ElementsAre("new a"));
    backups[1].started = now + 1h;
    EXPECT_THAT(newest_without_known_end(backups, now), ElementsAre("old a")) << "the other is dated in the future";
    backups[0].scheduled = false;
    EXPECT_THAT(newest_without_known_end(backups, now), IsEmpty());
}
