// Two installations for one cluster in one LocalPath: one of them orders and deletes nothing.
#include "tests/simulation/identity_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

using SecondInstallation = Identity;

}  // namespace

TEST_F(SecondInstallation, ASecondInstallationForTheSameClusterOrdersNothingUntilTheOtherIsDead) {
    add_vm("A");
    fixture.journal.facts["storage_mark"] = fixture.catalog.mark = "the mark";
    auto alive = other;
    alive.seen = fixture.time.now() - 24h * 400;
    auto& file = fixture.catalog.owners[fixture.cluster.is.uuid];
    file = owner_text(alive);
    fixture.start();
    fixture.run_until_clock(17h);
    for (int i = 0; i < 6; ++i) {  // it is alive, whatever its clock says
        fixture.time.run_for(10min);
        alive.seen += 10min;
        file = owner_text(alive);
    }
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_TRUE(stands(ConditionKind::second_installation));
    fixture.time.run_for(20min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u);
    EXPECT_FALSE(stands(ConditionKind::second_installation));
    EXPECT_EQ(parse_owner(file)->installation, "first");
}

TEST_F(SecondInstallation, AnInstallationForAnotherClusterOrOneThatStoppedIsNoObstacle) {
    add_vm("A");
    fixture.journal.facts["storage_mark"] = fixture.catalog.mark = "the mark";
    LocalPathOwner const stopped{"third", "backup-3", "/var/lib", fixture.time.now(), true};
    fixture.catalog.owners[hc2] = owner_text(other);
    fixture.catalog.owners[fixture.cluster.is.uuid] = owner_text(stopped);
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.exports_started, 1u);
    EXPECT_EQ(fixture.catalog.owners[hc2], owner_text(other));
}

TEST_F(SecondInstallation, ASecondInstallationWithANewJournalDeletesNothing) {
    add_copies_to_prune(add_vm("A"));
    fixture.catalog.mark = "the mark";
    fixture.catalog.owners[fixture.cluster.is.uuid] = owner_text(other);
    fixture.start();
    EXPECT_THAT(prune(), HasSubstr("backup-2"));
    auto const retention = fixture.get(fixture.scheduler->clean_up().evaluate());
    ASSERT_TRUE(retention);
    for (auto const& verdict : retention->verdicts) EXPECT_TRUE(verdict.keep) << "a dry run shows what prune does";
    run_with_other(30h);
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_TRUE(stands(ConditionKind::second_installation));
    fixture.time.run_for(20min);
    EXPECT_EQ(prune(), "");
    EXPECT_THAT(fixture.catalog.removed, testing::ElementsAre("old"));
}

TEST_F(SecondInstallation, AnotherInstallationThatStartsDuringACleanUpStopsIt) {
    auto const a = add_vm("A");
    add_copies_to_prune(a);
    add_copy("older", a, 91, fixture.cluster.is.uuid);
    fixture.start();
    EXPECT_TRUE(fixture.get(fixture.scheduler->clean_up().evaluate()));
    fixture.time.run_for(1min);
    fixture.catalog.owners[fixture.cluster.is.uuid] = owner_text(other);
    EXPECT_THAT(prune(), HasSubstr("backup-2"));
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
}

TEST_F(SecondInstallation, WithoutKnowingItsClusterADaemonDeletesNothing) {
    add_copies_to_prune(add_vm("A"));
    fixture.cluster.refuse_identity = Error{Errc::unavailable, "503 Service Unavailable"};
    fixture.start();
    EXPECT_THAT(prune(), HasSubstr("which cluster this is is not known yet"));
    EXPECT_TRUE(stands(ConditionKind::cluster_identity_unknown));
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.exports_started, 1u) << "no other installation is there, so backups continue";
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    fixture.cluster.refuse_identity.reset();
    fixture.time.run_for(2min);
    EXPECT_EQ(prune(), "");
    EXPECT_THAT(fixture.catalog.removed, testing::Contains("old"));
    EXPECT_FALSE(stands(ConditionKind::cluster_identity_unknown));
}

TEST_F(SecondInstallation, WithoutKnowingItsClusterADaemonOrdersNothingBesideAnyOther) {
    add_copies_to_prune(add_vm("A"));
    fixture.catalog.mark = "the mark";
    fixture.cluster.refuse_identity = Error{Errc::unavailable, "503 Service Unavailable"};
    fixture.start();
    run_with_other(9h);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_TRUE(stands(ConditionKind::second_installation));
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    fixture.time.run_for(20min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u) << "the other one is dead";
    EXPECT_NE(prune(), "") << "but which cluster this is is still not known";
}

TEST_F(SecondInstallation, AClusterThatRefusesToSayWhichOneItIsHasNoTwoInstallationsEither) {
    add_copies_to_prune(add_vm("A"));
    fixture.journal.facts["storage_mark"] = fixture.catalog.mark = "the mark";
    fixture.cluster.refuse_identity = Error{Errc::forbidden, "403"};
    fixture.catalog.owners["unknown"] = owner_text(other);
    fixture.start();
    EXPECT_THAT(prune(), HasSubstr("backup-2"));
    fixture.catalog.owners.erase("unknown");
    fixture.catalog.owners[hc2] = owner_text(other);  // perhaps of the same cluster, whose uuid it knows
    fixture.time.run_for(1min);
    EXPECT_THAT(prune(), HasSubstr("backup-2"));
    EXPECT_TRUE(stands(ConditionKind::second_installation));
    fixture.catalog.owners.erase(hc2);
    fixture.time.run_for(1min);
    EXPECT_EQ(prune(), "");
    EXPECT_EQ(parse_owner(fixture.catalog.owners["unknown"])->installation, "first");
}

TEST_F(SecondInstallation, AnOwnerFileThatCannotBeReadStopsOrdersAndDeletions) {
    add_copies_to_prune(add_vm("A"));
    fixture.catalog.unreadable_owner_files.emplace(fixture.cluster.is.uuid,
                                                   Error{Errc::refused, "'the file' is not a regular file"});
    fixture.start();
    EXPECT_THAT(prune(), HasSubstr("'the file' is not a regular file. To do: "));
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_TRUE(stands(ConditionKind::owner_file_unusable));
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    fixture.catalog.unreadable_owner_files.clear();
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u);
    EXPECT_FALSE(stands(ConditionKind::owner_file_unusable));
    EXPECT_EQ(prune(), "");
    EXPECT_TRUE(fixture.catalog.owners.contains(fixture.cluster.is.uuid));
}

TEST_F(SecondInstallation, AnOwnerFileThatCannotBeWrittenOnceHoldsUpOneOrderAndNotTheNext) {
    add_copies_to_prune(add_vm("A"));
    fixture.catalog.owner_write_fails.emplace("first", Error{Errc::io, "Input/output error"});
    fixture.start();
    EXPECT_THAT(prune(), HasSubstr("its file there cannot be written: Input/output error"));
    fixture.catalog.owner_write_fails.clear();
    EXPECT_EQ(prune(), "");
}
