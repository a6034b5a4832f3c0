// Whether the schedule is paused cannot be read: no export starts against a pause.
#include "tests/simulation/identity_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

using UnreadablePause = Identity;

}  // namespace

TEST_F(UnreadablePause, StartsNoExportUntilItCanBeRead) {
    add_vm("A");
    fixture.journal.facts["paused"] = "yes";
    fixture.journal.unreadable_facts.emplace("paused", Error{Errc::io, "disk I/O error"});
    fixture.start();
    fixture.run_until_clock(20h);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_TRUE(fixture.scheduler->paused());
    EXPECT_TRUE(stands(ConditionKind::journal_unreadable));
    EXPECT_FALSE(fixture.get(fixture.scheduler->start_now()));

    fixture.journal.unreadable_facts.clear();
    fixture.time.run_for(2min);
    EXPECT_FALSE(stands(ConditionKind::journal_unreadable));
    EXPECT_TRUE(fixture.scheduler->paused()) << "now it is known";
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
}

TEST_F(UnreadablePause, AScheduleThatWasNotPausedContinuesByItself) {
    add_vm("A");
    fixture.journal.unreadable_facts.emplace("paused", Error{Errc::io, "disk I/O error"});
    fixture.start();
    fixture.run_until_clock(20h);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    fixture.journal.unreadable_facts.clear();
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u);
    EXPECT_FALSE(fixture.scheduler->paused());
}

TEST_F(UnreadablePause, APersonDecidesIt) {
    add_vm("A");
    fixture.journal.unreadable_facts.emplace("paused", Error{Errc::io, "disk I/O error"});
    fixture.start();
    fixture.run_until_clock(20h);
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(false)));
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u);
    EXPECT_FALSE(stands(ConditionKind::journal_unreadable));
}
