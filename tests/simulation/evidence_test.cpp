// Whether copies can be read, and what is remembered of those that cannot.
#include "daemon/engine/evidence.hpp"
#include "tests/simulation/verify_fixture.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace sb::test {
namespace {

using core::ConditionKind;
using core::Level;
using core::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Error const bad_sector{Errc::io, "reading 'disk.qcow2': Input/output error"};

struct Evidence : ::testing::Test {
    VerifyFixture fixture;

    Evidence() {
        fixture.settings.policy = {false, false, {}};
        fixture.add_backup("a");
    }
    engine::Evidence& evidence() { return *fixture.evidence; }
    Result<void> check(std::string const& name) {
        auto const backup = fixture.get(fixture.shown.find(name));
        if (!backup) return backup.error();
        return fixture.get(evidence().check(*backup));
    }
    bool check_marked_again() {
        auto call = [](engine::Evidence& evidence) -> task<Result<bool>> {
            bool const changed = co_await evidence.check_marked_again();
            co_return changed;
        };
        return fixture.get(call(evidence())).value();
    }
    void restart() {
        fixture.stop();
        fixture.stop_engine();
        fixture.start_engine();
    }
    /// The subjects of the conditions.
    std::vector<std::string> unreadable() const {
        std::vector<std::string> names;
        for (auto const& condition : fixture.conditions->all())
            if (condition.kind == ConditionKind::copy_unreadable) names.push_back(condition.subject);
        return names;
    }
};

}  // namespace

TEST_F(Evidence, ACopyIsReadAtMostOnceAnHour) {
    fixture.add_backup("b");
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(check("a"));
    EXPECT_TRUE(check("b"));
    EXPECT_THAT(fixture.catalog.readings, ElementsAre("a", "b"));
    fixture.time.run_for(59min);
    EXPECT_TRUE(check("a"));
    EXPECT_THAT(fixture.catalog.readings, SizeIs(2));
    fixture.time.run_for(1min);
    EXPECT_TRUE(check("a"));
    EXPECT_THAT(fixture.catalog.readings, ElementsAre("a", "b", "a"));
}

TEST_F(Evidence, AnotherBackupUnderTheSameNameIsReadAgain) {
    EXPECT_TRUE(check("a"));
    fixture.catalog.manifests["a"].job = 99;
    EXPECT_TRUE(check("a"));
    EXPECT_THAT(fixture.catalog.readings, ElementsAre("a", "a"));
}

TEST_F(Evidence, ACopyWithAChangedFileIsReadAgainWithinTheHour) {
    fixture.add_backup("b");
    EXPECT_TRUE(check("a"));
    EXPECT_TRUE(check("b"));
    fixture.catalog.states["b"] = "written to";
    EXPECT_TRUE(check("a"));
    EXPECT_TRUE(check("b"));
    EXPECT_THAT(fixture.catalog.readings, ElementsAre("a", "b", "b"));
    EXPECT_TRUE(check("b"));
    EXPECT_THAT(fixture.catalog.readings, SizeIs(3)) << "as it is now, it was read";
    fixture.catalog.states["b"] = "written to again";
    fixture.catalog.cannot_read["b"] = Error{Errc::damaged_backup, "it is not a qcow2 image"};
    EXPECT_FALSE(check("b"));
    EXPECT_THAT(unreadable(), ElementsAre("b"));
}

TEST_F(Evidence, ACopyThatChangesWhileItIsReadIsReadOnceMore) {
    int changes = 1;
    fixture.catalog.on_read = [&](std::string const& name) {
        if (changes-- > 0) fixture.catalog.states[name] += "x";
    };
    EXPECT_TRUE(check("a")) << "protected meanwhile, for example";
    EXPECT_THAT(fixture.catalog.readings, SizeIs(2));
    EXPECT_TRUE(check("a"));
    EXPECT_THAT(fixture.catalog.readings, SizeIs(2));
}

TEST_F(Evidence, ACopyThatChangesDuringEachReadingProvesNothing) {
    fixture.catalog.on_read = [&](std::string const& name) { fixture.catalog.states[name] += "x"; };
    auto const checked = check("a");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::refused);
    EXPECT_THAT(checked.error().context, HasSubstr("being changed while they are read"));
    EXPECT_THAT(fixture.catalog.readings, SizeIs(2)) << "not without end";
    EXPECT_THAT(unreadable(), IsEmpty());
    fixture.catalog.on_read = [](std::string const&) {};
    EXPECT_TRUE(check("a"));
}

TEST_F(Evidence, AFileSystemThatDoesNotShowTheStateOfTheFilesProvesNothing) {
    fixture.catalog.no_states["a"] = bad_sector;
    EXPECT_FALSE(check("a"));
    EXPECT_THAT(unreadable(), ElementsAre("a"));
    fixture.catalog.no_states.clear();
    EXPECT_TRUE(check("a"));
    EXPECT_THAT(unreadable(), IsEmpty());
    fixture.catalog.no_states["a"] = bad_sector;
    EXPECT_FALSE(check("a")) << "an earlier reading does not help: the file may have changed since";
}

TEST_F(Evidence, WhatCannotBeReadIsAConditionUntilItCan) {
    fixture.catalog.cannot_read["a"] = bad_sector;
    auto const failed = check("a");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::io);
    EXPECT_THAT(unreadable(), ElementsAre("a"));
    EXPECT_THAT(evidence().why_unreadable("a"), HasSubstr("Input/output error"));
    EXPECT_FALSE(check("a")) << "a failure is not remembered as an answer";
    EXPECT_THAT(fixture.catalog.readings, SizeIs(2));
    fixture.catalog.cannot_read.clear();
    EXPECT_TRUE(check("a"));
    EXPECT_THAT(unreadable(), IsEmpty());
    EXPECT_EQ(evidence().why_unreadable("a"), "");
}

TEST_F(Evidence, ACopyThatIsGoneIsNotUnreadable) {
    fixture.catalog.cannot_read["a"] = bad_sector;
    auto const backup = fixture.get(fixture.shown.find("a"));
    EXPECT_FALSE(check("a"));
    fixture.catalog.folders.erase("a");
    auto const gone = fixture.get(evidence().check(*backup));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, Errc::not_found);
    EXPECT_THAT(unreadable(), IsEmpty());
}

TEST_F(Evidence, AMarkSurvivesARestart) {
    fixture.catalog.cannot_read["a"] = bad_sector;
    EXPECT_FALSE(check("a"));
    restart();
    EXPECT_THAT(evidence().why_unreadable("a"), HasSubstr("Input/output error"));
    fixture.catalog.cannot_read.clear();
    EXPECT_TRUE(check("a"));
    EXPECT_EQ(evidence().why_unreadable("a"), "");
}

TEST_F(Evidence, SamplesDoNotOutweighAReadingOfTheWholeContent) {
    evidence().note("a", Level::content, bad_sector, true);
    EXPECT_THAT(unreadable(), ElementsAre("a"));
    EXPECT_FALSE(check("a"));
    restart();
    EXPECT_FALSE(check("a"));
    EXPECT_FALSE(check_marked_again());
    EXPECT_THAT(fixture.catalog.readings, IsEmpty()) << "it could not change the answer";
    Result<void> const passed;
    evidence().note("a", Level::structure, passed, true);
    EXPECT_FALSE(check("a"));
    evidence().note("a", Level::reread, passed, true);
    EXPECT_THAT(unreadable(), IsEmpty());
    EXPECT_TRUE(check("a"));
}

TEST_F(Evidence, ALaterFailureCountsMoreThanAReadingAMomentAgo) {
    EXPECT_TRUE(check("a"));
    evidence().note("a", Level::structure, bad_sector, true);
    fixture.catalog.cannot_read["a"] = bad_sector;
    EXPECT_FALSE(check("a"));
}

TEST_F(Evidence, MarkedCopiesAreReadAgainOnceAnHour) {
    fixture.add_backup("b");
    fixture.catalog.cannot_read["a"] = fixture.catalog.cannot_read["b"] = bad_sector;
    EXPECT_FALSE(check("a"));
    EXPECT_FALSE(check("b"));
    fixture.catalog.readings.clear();
    EXPECT_FALSE(check_marked_again()) << "it was tried a moment ago";
    EXPECT_THAT(fixture.catalog.readings, IsEmpty());
    fixture.time.run_for(1h);
    EXPECT_FALSE(check_marked_again());
    EXPECT_THAT(fixture.catalog.readings, ElementsAre("a", "b"));
    fixture.time.run_for(1h);
    fixture.catalog.cannot_read.erase("a");
    fixture.catalog.folders.erase("b");
    EXPECT_TRUE(check_marked_again());
    EXPECT_THAT(unreadable(), IsEmpty());
}

TEST_F(Evidence, AVerificationThatMeetsABadSectorLeavesAMark) {
    fixture.start();
    fixture.verification.bad_content["a"] = bad_sector;
    EXPECT_EQ(fixture.ended(fixture.verify("a")).outcome, Outcome::failed);
    EXPECT_THAT(unreadable(), ElementsAre("a"));
    EXPECT_EQ(fixture.ended(fixture.verify("a", Level::structure)).outcome, Outcome::succeeded);
    EXPECT_THAT(unreadable(), ElementsAre("a")) << "the structure says nothing about that sector";
    fixture.verification.bad_content.clear();
    EXPECT_EQ(fixture.ended(fixture.verify("a")).outcome, Outcome::succeeded);
    EXPECT_THAT(unreadable(), IsEmpty());
}

TEST_F(Evidence, DamageAndAnUnusableLocalPathLeaveNoSuchMark) {
    fixture.start();
    fixture.verification.bad_content["a"] = Error{Errc::damaged_backup, "it is not what it was"};
    EXPECT_EQ(fixture.ended(fixture.verify("a")).outcome, Outcome::failed);
    EXPECT_THAT(unreadable(), IsEmpty()) << "its manifest has the mark";
    fixture.add_backup("b");
    fixture.verification.bad_content["b"] = bad_sector;
    fixture.catalog.probe_fails = Error{Errc::io, "Stale file handle"};
    EXPECT_EQ(fixture.ended(fixture.verify("b")).outcome, Outcome::failed);
    EXPECT_THAT(unreadable(), IsEmpty()) << "that is no fault of this backup's";
}

TEST_F(Evidence, WhatIsBeingVerifiedCannotBeDeletedMeanwhile) {
    fixture.start();
    int slices = 0;
    fixture.verification.on_read = [&](std::string const& backup) {
        ++slices;
        EXPECT_FALSE(fixture.engine->leases().take(backup));
    };
    EXPECT_EQ(fixture.ended(fixture.verify("a")).outcome, Outcome::succeeded);
    fixture.time.settle();
    EXPECT_GT(slices, 0);
    EXPECT_TRUE(fixture.engine->leases().take("a"));
}

TEST_F(Evidence, WhatIsBeingDeletedIsNotVerified) {
    fixture.start();
    auto const deletion = fixture.engine->leases().take("a");
    auto const job = fixture.ended(fixture.verify("a"));
    EXPECT_EQ(job.outcome, Outcome::failed);
    ASSERT_TRUE(job.error);
    EXPECT_THAT(job.error->context, HasSubstr("is being deleted"));
    EXPECT_THAT(unreadable(), IsEmpty());
    EXPECT_THAT(fixture.alerts.bad_backups, IsEmpty()) << "the backup is not at fault";
}

}  // namespace sb::test
