// Whatever keeps a clean-up from deleting can be seen: as a condition, or as a line in the record of the run.
#include "tests/simulation/clean_up_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

struct CleanUpGuards : CleanUp {
    std::optional<Condition> held() const { return fixture.condition(ConditionKind::clean_up_held); }
    /// Of the clean-up at the end of a run, or beside runs.
    engine::Pruned clean_up() {
        std::optional<engine::Pruned> pruned;
        auto done = [&pruned](std::exception_ptr failure, engine::Pruned value) {
            if (failure) std::rethrow_exception(failure);
            pruned = std::move(value);
        };
        asio::co_spawn(fixture.io, fixture.scheduler->clean_up().clean_up(), done);
        for (int i = 0; i < 100 && !pruned; ++i) fixture.time.run_for(0ms);
        EXPECT_TRUE(pruned);
        return pruned.value_or(engine::Pruned());
    }
    /// One good copy, and more old ones.
    void mostly_old_copies() {
        auto const a = fixture.cluster.vms.front().uuid;
        add_copy("new", a, 1);
        for (auto const* name : {"old 1", "old 2", "old 3"}) add_copy(name, a, 60);
    }
};

}  // namespace

TEST_F(CleanUpGuards, MoreThanHalfIsAConditionUntilAPersonHasConfirmedIt) {
    mostly_old_copies();
    fixture.start();
    EXPECT_FALSE(held());
    EXPECT_THAT(clean_up().problems, Contains(HasSubstr("more than half of all backups")));
    ASSERT_TRUE(held());
    EXPECT_THAT(held()->reason, HasSubstr("3 backups, such as 'old 1'"));
    EXPECT_THAT(std::string(info_of(ConditionKind::clean_up_held).remedy), HasSubstr("prune --yes"));
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    EXPECT_THAT(prune().deleted, UnorderedElementsAre("old 1", "old 2", "old 3"));
    EXPECT_FALSE(held());
}

TEST_F(CleanUpGuards, TheConditionSurvivesARestartAndEndsWhenTheRulesDeleteFewer) {
    mostly_old_copies();
    fixture.start();
    clean_up();
    fixture.stop();
    fixture.start();
    ASSERT_TRUE(held());
    fixture.settings.policy.max_age = config::CivilDuration{90, 0s};
    EXPECT_THAT(clean_up().problems, IsEmpty());
    EXPECT_FALSE(held());
}

TEST_F(CleanUpGuards, ARefusedOrderIsTheSameCondition) {
    mostly_old_copies();
    fixture.start();
    auto const refused = fixture.get(fixture.scheduler->clean_up().prune(false));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_TRUE(held());
}

TEST_F(CleanUpGuards, AnOrderThatIsStoppedKeepsTheCondition) {
    mostly_old_copies();
    fixture.start();
    clean_up();
    std::function<Result<void>()> gone = [] { return Result<void>(Error{Errc::refused, "the client has ended"}); };
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(true, gone));
    ASSERT_TRUE(pruned);
    EXPECT_TRUE(pruned->stopped);
    EXPECT_TRUE(held());
}

TEST_F(CleanUpGuards, LinksThatCannotBeReadAreALineInTheRun) {
    two_vms_with_old_copies();
    fixture.journal.unreadable_links = Error{Errc::io, "the row of a link cannot be read"};
    fixture.start();
    auto const pruned = clean_up();
    EXPECT_TRUE(pruned.stopped);
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("the row of a link cannot be read")));
}

TEST_F(CleanUpGuards, ABackupInUseIsALineInTheRun) {
    two_vms_with_old_copies();
    fixture.start();
    auto const used = fixture.engine->leases().share("a old");
    ASSERT_TRUE(used);
    auto const pruned = clean_up();
    EXPECT_THAT(pruned.problems, Contains(HasSubstr("'a old' is in use")));
    EXPECT_THAT(pruned.deleted, ElementsAre("b old"));
}

TEST_F(CleanUpGuards, ANewerCopyThatIsBeingWrittenToIsALineInTheRun) {
    two_vms_with_old_copies();
    fixture.start();
    fixture.catalog.on_read = [this](std::string const& backup) { fixture.catalog.states[backup] += "x"; };
    auto const pruned = clean_up();
    EXPECT_THAT(pruned.deleted, IsEmpty());
    EXPECT_THAT(pruned.problems, Contains(HasSubstr("being changed while they are read")));
}

TEST_F(CleanUpGuards, AFolderThatDoesNotAnswerAndIsNotKnownIsALineInTheRun) {
    two_vms_with_old_copies();
    fixture.catalog.folders.insert("by hand");
    fixture.catalog.hanging = {"by hand"};
    fixture.start();
    auto const pruned = clean_up();
    EXPECT_THAT(pruned.deleted, IsEmpty());
    EXPECT_THAT(pruned.problems, Contains(HasSubstr("the folder 'by hand' does not answer")));
}

TEST_F(CleanUpGuards, ALocalPathThatIsNotListedIsALineInTheRun) {
    two_vms_with_old_copies();
    fixture.start();
    fixture.catalog.hanging = {"a new 0", "a new 1", "a new 2", "a new 3", "b new 0"};
    fixture.scheduler->folders_changed();
    auto const pruned = clean_up();
    EXPECT_TRUE(pruned.stopped);
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("do not answer")));
}

TEST(CleanUpAfterSlowHooks, AConditionNamesWhyTheSurplusStays) {
    ScheduleFixture fixture;
    fixture.settings.policy.max_backups = 1;
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.delay = true;
    fixture.hooks.length = 80h;  // the first; its surplus collects behind it
    fixture.start();
    fixture.run_until_clock(18h);
    fixture.hooks.length = 0h;
    for (int night = 0; night < 4; ++night) fixture.run_until_clock(18h);
    ASSERT_GT(fixture.copies_of("A"), 3u);
    auto const held = fixture.condition(ConditionKind::clean_up_held);
    ASSERT_TRUE(held);
    EXPECT_THAT(held->reason, HasSubstr("a clean-up would delete "));
    fixture.hooks.set.clear();
    ASSERT_TRUE(fixture.get(fixture.scheduler->clean_up().prune(true)));
    EXPECT_EQ(fixture.copies_of("A"), 1u);
    EXPECT_FALSE(fixture.condition(ConditionKind::clean_up_held));
}
