#include "daemon/core/deletion_note.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

/// Three successes of three nights, and a moment an hour after the last one.
struct NotesOfDeletions : ::testing::Test {
    RuleZone zone = utc();
    UtcTime first = at("2026-11-22 17:00", zone);
    UtcTime second = at("2026-11-23 17:00", zone);
    UtcTime third = at("2026-11-24 17:00", zone);
    UtcTime now = at("2026-11-24 18:00", zone);
    DeletionNotes notes;

    bool is_repeated(UtcTime success) { return is_repeated_deletion(notes, success, every(1), zone); }
};

}  // namespace

TEST_F(NotesOfDeletions, TheFirstDeletionIsNotARepeatedOne) {
    EXPECT_FALSE(is_repeated(third)) << "it was not deleted";
    add_note(notes, {third, now});
    EXPECT_TRUE(is_noted(notes, third));
    EXPECT_FALSE(is_repeated(third));
}

TEST_F(NotesOfDeletions, TheNextWithinTwoIntervalsIsWhateverLiesBetween) {
    add_note(notes, {first, now - std::chrono::days{2}});
    add_note(notes, {third, now});
    EXPECT_TRUE(is_repeated(third));
    notes.front().deleted -= 1ms;
    EXPECT_FALSE(is_repeated(third));
}

TEST_F(NotesOfDeletions, TwoAreKeptAndTheSameBackupIsNotedOnce) {
    add_note(notes, {first, now - 3h});
    add_note(notes, {second, now - 2h});
    add_note(notes, {third, now - 1h});
    EXPECT_EQ(notes, (DeletionNotes{{second, now - 2h}, {third, now - 1h}}));
    add_note(notes, {third, now});
    EXPECT_EQ(notes, (DeletionNotes{{second, now - 2h}, {third, now}}));
}

TEST_F(NotesOfDeletions, OneThatIsTakenBackLeavesTheOneBefore) {
    add_note(notes, {second, now - 1h});
    add_note(notes, {third, now});
    EXPECT_TRUE(take_back_note(notes, third));
    EXPECT_FALSE(take_back_note(notes, third));
    EXPECT_FALSE(is_noted(notes, third));
    add_note(notes, {third, now});
    EXPECT_TRUE(is_repeated(third)) << "deleting it again does not make it a first one";
}

TEST_F(NotesOfDeletions, AClockThatWasAheadDoesNotMakeTheNextDeletionARepeatedOne) {
    add_note(notes, {second, now + std::chrono::years{9}});
    add_note(notes, {third, now});
    EXPECT_FALSE(is_repeated(third));
}
