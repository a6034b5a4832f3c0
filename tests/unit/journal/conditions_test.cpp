// Conditions in the journal: all of them or none are replaced, and no restart or lost file forgets since when one
// stands.
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::journal {
namespace {

using core::Condition;
using core::ConditionKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Condition storage(std::string const& subject = {}) {
    return {ConditionKind::storage_unusable, subject, UtcTime(Milliseconds(1763874000123)),
            UtcTime(Milliseconds(1763877600456)), "LocalPath '/a'; DROP TABLE conditions;-- \"Größe\""};
}

Condition login() {
    return {ConditionKind::cluster_login_refused, "", UtcTime(Milliseconds(1763874000000)),
            UtcTime(Milliseconds(1763874000000)), ""};
}

TEST_F(Journal, EveryFieldOfAConditionIsReadBackAfterReopening) {
    open();
    EXPECT_THAT(*wait(journal_->conditions()), IsEmpty());
    ASSERT_TRUE(wait(journal_->save_conditions({storage(), login(), storage("/b's")})));
    open();
    EXPECT_THAT(*wait(journal_->conditions()), UnorderedElementsAre(storage(), login(), storage("/b's")));
}

TEST_F(Journal, SavingConditionsReplacesAllThatWereRecorded) {
    open();
    ASSERT_TRUE(wait(journal_->save_conditions({storage(), login()})));
    ASSERT_TRUE(wait(journal_->save_conditions({storage("/b")})));
    EXPECT_THAT(*wait(journal_->conditions()), ElementsAre(storage("/b")));
    ASSERT_TRUE(wait(journal_->save_conditions({})));
    EXPECT_THAT(*wait(journal_->conditions()), IsEmpty());
}

TEST_F(Journal, IfOneConditionCannotBeSavedTheRecordedOnesStay) {
    open();
    ASSERT_TRUE(wait(journal_->save_conditions({storage()})));
    EXPECT_FALSE(wait(journal_->save_conditions({login(), login()}))) << "the same one twice";
    EXPECT_THAT(*wait(journal_->conditions()), ElementsAre(storage()));
}

TEST_F(Journal, AConditionThatThisVersionDoesNotKnowIsSkipped) {
    open();
    ASSERT_TRUE(wait(journal_->save_conditions({storage(), login()})));
    journal_.reset();
    query("UPDATE conditions SET kind = 'of_another_version' WHERE kind = 'cluster_login_refused'");
    open();
    EXPECT_THAT(*wait(journal_->conditions()), ElementsAre(storage()));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Journal, ConditionsAreInTheFileThatReplacesALostOne) {
    path_ = dir_ / "state" / "journal.db";
    fs::create_directory(dir_ / "state");
    open();
    ASSERT_TRUE(wait(journal_->save_conditions({storage()})));
    open();  // by another process: what it has loaded is kept, too
    fs::remove_all(dir_ / "state");
    EXPECT_THAT(*wait(journal_->conditions()), ElementsAre(storage()));
    open();
    EXPECT_THAT(*wait(journal_->conditions()), ElementsAre(storage()));
}

}  // namespace
}  // namespace sb::journal
