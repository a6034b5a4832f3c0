// Surplus backups that wait for a delayed hook for more than a day are a condition: the disk fills meanwhile.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

/// One copy is to stay; the hook of the first one takes 80 hours.
struct SurplusHooks : ::testing::Test {
    ScheduleFixture fixture;

    void SetUp() override {
        fixture.settings.policy.max_backups = 1;
        fixture.cluster.add_vm("A");
        fixture.hooks.set = {HookKind::post_backup};
        fixture.hooks.delay = true;
        fixture.hooks.length = 80h;
        fixture.start();
        fixture.run_until_clock(18h);
        ASSERT_THAT(fixture.journal.owed, SizeIs(1));
        fixture.hooks.length = 0h;
    }
    std::optional<Condition> condition() const { return fixture.condition(ConditionKind::surplus_waits_for_hooks); }
    void clean_up() { ASSERT_TRUE(fixture.get(fixture.scheduler->clean_up().prune(true))); }
};

}  // namespace

TEST_F(SurplusHooks, AreAConditionOnceTheyWaitForMoreThanADay) {
    auto const first = fixture.catalog.manifests.begin()->first;
    fixture.run_until_clock(17h + 30min);
    ASSERT_EQ(fixture.copies_of("A"), 2u);
    fixture.run_until_clock(20h);
    clean_up();
    ASSERT_TRUE(condition()) << "27 hours";
    EXPECT_THAT(condition()->reason, HasSubstr("1 surplus backup waits"));
    EXPECT_THAT(condition()->reason, HasSubstr(first));
    EXPECT_EQ(fixture.copies_of("A"), 2u);
}

TEST_F(SurplusHooks, AreNoneBefore) {
    fixture.run_until_clock(16h);
    clean_up();
    EXPECT_FALSE(condition()) << "its copy is not surplus, and the day is not over";
}

TEST_F(SurplusHooks, TheConditionEndsWithTheHooks) {
    fixture.run_until_clock(17h + 30min);
    fixture.run_until_clock(20h);
    clean_up();
    ASSERT_TRUE(condition());
    fixture.time.run_for(60h);
    EXPECT_THAT(fixture.journal.owed, IsEmpty());
    EXPECT_FALSE(condition());
    clean_up();
    EXPECT_EQ(fixture.copies_of("A"), 1u);
}
