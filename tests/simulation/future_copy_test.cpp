// A backup that is dated in the future stops the retention of its VM, and is reported.
#include "tests/simulation/identity_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

using BackupFromTheFuture = Identity;

Condition const* condition(std::vector<Condition> const& all, ConditionKind kind) {
    auto const found = std::ranges::find(all, kind, &Condition::kind);
    return found == all.end() ? nullptr : &*found;
}

constexpr int years_ahead = -5 * 365;

}  // namespace

TEST_F(BackupFromTheFuture, IsAConditionOfItsVmUntilItIsGoneAndStopsNoOtherVm) {
    auto const a = add_vm("A");
    auto const b = add_vm("B");
    add_copies_to_prune(a);
    add_copy("of B, new", b, 1, fixture.cluster.is.uuid);
    add_copy("of B, old", b, 90, fixture.cluster.is.uuid);
    add_copy("from 2030", a, years_ahead, fixture.cluster.is.uuid);
    fixture.start();
    EXPECT_EQ(prune(), "");
    EXPECT_THAT(fixture.catalog.removed, ElementsAre("of B, old"));
    auto const all = fixture.conditions->all();
    auto const* const found = condition(all, ConditionKind::copy_from_the_future);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->subject, a.text());
    EXPECT_THAT(found->reason, HasSubstr("'from 2030'"));

    fixture.catalog.manifests.erase("from 2030");
    fixture.catalog.folders.erase("from 2030");
    EXPECT_EQ(prune(), "");
    EXPECT_FALSE(stands(ConditionKind::copy_from_the_future));
    EXPECT_THAT(fixture.catalog.removed, ElementsAre("of B, old", "old"));
}

TEST_F(BackupFromTheFuture, IsFoundByTheScheduleWithoutAQuestion) {
    auto const a = add_vm("A");
    add_copy("from 2030", a, years_ahead, fixture.cluster.is.uuid);
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_TRUE(stands(ConditionKind::copy_from_the_future));
    EXPECT_EQ(fixture.cluster.exports_started, 1u) << "it does not count as the VM's newest";
}

TEST_F(BackupFromTheFuture, ByAClockInDoubtThatWasSetBackNoneIsOne) {
    auto const a = add_vm("A");
    add_copies_to_prune(a);
    fixture.start();
    EXPECT_TRUE(fixture.get(fixture.scheduler->clean_up().evaluate()));
    fixture.time.jump_wall_clock(-30 * 24h);
    EXPECT_NE(prune(), "");
    EXPECT_FALSE(stands(ConditionKind::copy_from_the_future)) << "the clock's condition says it";
}

TEST_F(BackupFromTheFuture, AnEarlierSuccessInTheFutureDoesNotHideTheLatestOne) {
    add_vm("A");
    fixture.start();
    auto const id = fixture.backup("A", "one");
    fixture.time.run_for(1min);
    fixture.journal.jobs[id].finished = fixture.time.now() + 5 * 365 * 24h;
    fixture.backup("A", "two");
    fixture.time.run_for(1min);
    auto const last = fixture.engine->last_success();
    fixture.stop();
    fixture.start();
    EXPECT_EQ(fixture.engine->last_success(), last);
}
