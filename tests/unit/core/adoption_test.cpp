// When a folder of another program counts as a backup, and what is guessed about it. Names and times are the
// predecessor's: 'YYYY-MM-DD_HH-MM-SS <VM name>' in local time.
#include "daemon/core/adoption.hpp"
#include "tests/support/rule_zone.hpp"

#include <gmock/gmock.h>

namespace sb::core {
namespace {

using namespace std::chrono;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

UtcTime const adoption_now{sys_days{year{2026} / 11 / 26} + 12h};

/// Central Europe.
test::RuleZone berlin() {
    return test::RuleZone(1h, test::RuleZone::Summer{1h, {March, 5, Sunday, 2h}, {October, 5, Sunday, 3h}});
}

UtcTime const an_hour_after_its_name_says{sys_days{year{2026} / 11 / 20} + 18h};

OldFolder complete_folder(std::string name = "2026-11-20_17-00-00 FILE01") {
    OldFolder folder;
    folder.name = std::move(name);
    folder.definition_file = "FILE01.xml";
    folder.vm_uuid = "6B1F4F1E-9D4B-4C1E-8D52-0D6C2A8F1A10";
    folder.vm_name = "FILE01";
    folder.disks = {{.uuid = DiskUuid("d1"), .type = "VIRTIO_DISK", .capacity_bytes = 4096}};
    folder.files = {{.name = "FILE01.xml", .role = "definition", .size_bytes = 10}};
    folder.first_change = an_hour_after_its_name_says;
    folder.last_change = an_hour_after_its_name_says + 1h;
    return folder;
}

Adoption evaluated(OldFolder const& folder, AdoptionFacts facts = {}, Zone const& zone = test::utc()) {
    facts.now = adoption_now;
    return evaluate_adoption(folder, facts, zone);
}

TEST(ScheduledNames, HaveThePredecessorsPattern) {
    auto const name = read_scheduled_name("2026-11-23_17-05-09 web 01");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->vm, "web 01");
    EXPECT_EQ(name->started, CivilTime(local_days{year{2026} / 11 / 23} + 17h + 5min + 9s));
}

TEST(ScheduledNames, HaveNoOtherPattern) {
    for (auto const* const name :
         {"", "friday", "2026-11-23_17-05-09", "2026-11-23_17-05-09 ", "2026-02-30_17-05-09 A", "2026-11-23_24-00-00 A",
          "2026-11-23_17-60-00 A", "2026-11-23 17-05-09 A", "2026-1-23_17-05-09 A", " 2026-11-23_17-05-09 A"})
        EXPECT_FALSE(read_scheduled_name(name)) << name;
}

TEST(Adoption, ACompleteFolderBecomesAScheduledBackupOfTheDefinitionsVm) {
    auto const adoption = evaluated(complete_folder());
    ASSERT_EQ(adoption.verdict, AdoptionVerdict::adoptable) << adoption.reason;
    auto const& manifest = adoption.manifest;
    EXPECT_TRUE(manifest.scheduled);
    EXPECT_EQ(manifest.vm_uuid.text(), "6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10");
    EXPECT_EQ(manifest.started, UtcTime(sys_days{year{2026} / 11 / 20} + 17h));
    EXPECT_EQ(manifest.completed, an_hour_after_its_name_says + 1h);
    EXPECT_EQ(manifest.verified->level, "structure");
    EXPECT_THAT(manifest.adopted->notes, Contains(HasSubstr("not compared with the cluster")));
    EXPECT_THAT(adoption.notes, IsEmpty());
}

TEST(Adoption, TheNamesTimeIsLocal) {
    EXPECT_EQ(evaluated(complete_folder(), {}, berlin()).manifest.started,
              UtcTime(sys_days{year{2026} / 11 / 20} + 16h));
}

// The predecessor deleted the newer of two backups from the hour that autumn repeats.
TEST(Adoption, OfARepeatedHourTheFirstIsUsedAndNoted) {
    auto const adoption = evaluated(complete_folder("2026-10-25_02-30-00 FILE01"), {}, berlin());
    EXPECT_EQ(adoption.manifest.started, UtcTime(sys_days{year{2026} / 10 / 25} + 30min));
    EXPECT_THAT(adoption.notes, Contains(AllOf(HasSubstr("2026-10-25 02:30"), HasSubstr("twice"))));
}

TEST(Adoption, OfASkippedHourTheMomentAfterIsUsedAndNoted) {
    auto const adoption = evaluated(complete_folder("2026-03-29_02-30-00 FILE01"), {}, berlin());
    EXPECT_EQ(adoption.manifest.started, UtcTime(sys_days{year{2026} / 3 / 29} + 1h));
    EXPECT_THAT(adoption.notes, Contains(HasSubstr("skipped")));
}

TEST(Adoption, ATimeInTheFutureIsReplacedByThatOfTheFiles) {
    auto const adoption = evaluated(complete_folder("2031-01-01_00-00-00 FILE01"));
    EXPECT_EQ(adoption.manifest.started, an_hour_after_its_name_says);
    EXPECT_THAT(adoption.notes, Contains(HasSubstr("future")));
}

TEST(Adoption, AManualBackupIsDatedByItsFilesWithANote) {
    auto const adoption = evaluated(complete_folder("before the update"));
    EXPECT_EQ(adoption.verdict, AdoptionVerdict::adoptable);
    EXPECT_FALSE(adoption.manifest.scheduled);
    EXPECT_EQ(adoption.manifest.started, an_hour_after_its_name_says);
    EXPECT_THAT(adoption.notes, Contains(HasSubstr("oldest file")));
}

TEST(Adoption, IfNameAndDefinitionDisagreeNoRuleMayDeleteIt) {
    auto const adoption = evaluated(complete_folder("2026-11-20_17-00-00 OTHER"));
    EXPECT_EQ(adoption.verdict, AdoptionVerdict::adoptable);
    EXPECT_FALSE(adoption.manifest.scheduled);
    EXPECT_EQ(adoption.manifest.vm_name, "FILE01");
    EXPECT_THAT(adoption.notes, Contains(AllOf(HasSubstr("OTHER"), HasSubstr("FILE01"))));
}

// ---- folders that may still grow are skipped --------------------------------------------------------

std::string reason_of_skipped(OldFolder const& folder, AdoptionFacts facts = {}) {
    auto const adoption = evaluated(folder, facts);
    EXPECT_EQ(adoption.verdict, AdoptionVerdict::skipped);
    return adoption.reason;
}

TEST(AdoptionOfAGrowingFolder, WaitsUntilItNoLongerChanges) {
    auto folder = complete_folder();
    folder.last_change = adoption_now - 9min;
    EXPECT_THAT(reason_of_skipped(folder), HasSubstr("9 minutes ago"));
    folder.last_change = adoption_now - 11min;
    EXPECT_EQ(evaluated(folder).verdict, AdoptionVerdict::adoptable);
    folder.last_change = adoption_now + 1h;
    EXPECT_THAT(reason_of_skipped(folder), HasSubstr("future"));
    folder.last_change = adoption_now + 1min;  // clocks differ a little
    EXPECT_THAT(reason_of_skipped(folder), HasSubstr("changed 0 seconds ago"));
}

TEST(AdoptionOfAGrowingFolder, IsSkippedIfItChangedDuringTheInspection) {
    auto folder = complete_folder();
    folder.changed_meanwhile = true;
    EXPECT_THAT(reason_of_skipped(folder), HasSubstr("changed during"));
}

TEST(AdoptionOfAGrowingFolder, AsksTheClusterAboutThoseOfTheLastDay) {
    auto folder = complete_folder();
    folder.last_change = adoption_now - 23h;
    EXPECT_THAT(reason_of_skipped(folder, {.task_is_running = true}), HasSubstr("running a task"));
    EXPECT_THAT(reason_of_skipped(folder, {.task_is_running = std::nullopt}), HasSubstr("could not be asked"));
    EXPECT_EQ(evaluated(folder, {.task_is_running = false}).verdict, AdoptionVerdict::adoptable);
    folder.last_change = adoption_now - 25h;
    EXPECT_EQ(evaluated(folder, {.task_is_running = std::nullopt}).verdict, AdoptionVerdict::adoptable);
}

TEST(AdoptionOfAGrowingFolder, IsNotReportedAsDamaged) {
    auto folder = complete_folder();
    folder.problem = Error{Errc::incomplete_backup, "a disk is missing"};
    folder.last_change = adoption_now - 1min;
    reason_of_skipped(folder);
}

TEST(Adoption, SkipsWhatAJobUsesOrAFailedOneLeft) {
    EXPECT_THAT(reason_of_skipped(complete_folder(), {.used_by_a_job = true}), HasSubstr("job"));
    EXPECT_THAT(reason_of_skipped(complete_folder(), {.left_by_failed_job = 12}), HasSubstr("job 12"));
}

TEST(Adoption, SaysWhyAFolderIsNotABackup) {
    auto folder = complete_folder();
    folder.problem = Error{Errc::incomplete_backup, "'d1.qcow2' is missing"};
    EXPECT_EQ(evaluated(folder).verdict, AdoptionVerdict::incomplete);
    EXPECT_EQ(evaluated(folder).reason, "'d1.qcow2' is missing");
    folder.problem = Error{Errc::damaged_backup, "x"};
    EXPECT_EQ(evaluated(folder).verdict, AdoptionVerdict::damaged);
    folder.problem = Error{Errc::io, "x"};
    EXPECT_EQ(evaluated(folder).verdict, AdoptionVerdict::refused);
    folder = complete_folder();
    folder.has_manifest = true;
    EXPECT_EQ(evaluated(folder).verdict, AdoptionVerdict::adopted);
    folder.there = false;
    EXPECT_EQ(evaluated(folder).verdict, AdoptionVerdict::not_found);
    folder = complete_folder();
    for (auto const* const uuid :
         {"", "x", "6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a1", "../f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a100"}) {
        folder.vm_uuid = uuid;
        EXPECT_EQ(evaluated(folder).verdict, AdoptionVerdict::refused) << uuid;
    }
}

}  // namespace
}  // namespace sb::core
