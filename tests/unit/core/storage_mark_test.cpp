#include "daemon/core/storage_mark.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

StorageFacts facts(std::string found, std::optional<std::string> remembered, bool has_backups = true,
                   bool made_backups = true) {
    return {"/mnt/backup", std::move(found), std::move(remembered), has_backups, made_backups};
}

TEST(StorageMark, TheSameMarkIsTheSamePlaceEvenIfItIsEmpty) {
    EXPECT_EQ(judge_storage(facts("a", "a")).is, StorageIs::the_same);
    EXPECT_EQ(judge_storage(facts("a", "a", false)).is, StorageIs::the_same);
}

TEST(StorageMark, APlaceWithoutTheMarkIsInDoubtWhateverLiesThere) {
    for (bool const has_backups : {false, true}) {
        auto const verdict = judge_storage(facts("", "a", has_backups));
        EXPECT_EQ(verdict.is, StorageIs::in_doubt);
        EXPECT_NE(verdict.words.find("is its file system mounted?"), std::string::npos) << verdict.words;
        EXPECT_NE(verdict.words.find("echo a > '/mnt/backup/.scale-backup-id'"), std::string::npos)
            << "how to accept it";
    }
}

TEST(StorageMark, AnotherMarkIsInDoubt) {
    auto const verdict = judge_storage(facts("b", "a"));
    EXPECT_EQ(verdict.is, StorageIs::in_doubt);
    EXPECT_NE(verdict.words.find("echo a > "), std::string::npos) << verdict.words;
}

TEST(StorageMark, TheFirstUseMarksThePlace) {
    EXPECT_EQ(judge_storage(facts("", std::nullopt, false, false)).is, StorageIs::to_be_marked);
    EXPECT_EQ(judge_storage(facts("", std::nullopt, true, true)).is, StorageIs::to_be_marked)
        << "of a version without marks";
    EXPECT_EQ(judge_storage(facts("", std::nullopt, true, false)).is, StorageIs::to_be_marked) << "of another machine";
}

TEST(StorageMark, AnEmptyPlaceIsInDoubtIfBackupsWereMade) {
    auto const verdict = judge_storage(facts("", std::nullopt, false, true));
    EXPECT_EQ(verdict.is, StorageIs::in_doubt);
    EXPECT_NE(verdict.words.find("holds no backup, though some were made"), std::string::npos) << verdict.words;
}

TEST(StorageMark, ANewJournalLearnsTheMark) {
    EXPECT_EQ(judge_storage(facts("a", std::nullopt)).is, StorageIs::to_be_remembered);
    EXPECT_EQ(judge_storage(facts("new", std::nullopt, false)).is, StorageIs::to_be_remembered) << "accepted by hand";
}

}  // namespace
}  // namespace sb::core
