#include "daemon/core/storage_mark.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

StorageFacts facts(std::string found, std::optional<std::string> remembered, bool has_backups = true,
                   bool made_backups = true) {
    return {"/mnt/backup", std::move(found), std::move(remembered), has_backups, made_backups};
}

TEST(StorageMark, TheSameMarkIsAcceptedEvenWithoutBackups) {
    EXPECT_EQ(evaluate_storage(facts("a", "a")).state, StorageState::same);
    EXPECT_EQ(evaluate_storage(facts("a", "a", false)).state, StorageState::same);
}

TEST(StorageMark, AMissingMarkIsInDoubtWhateverTheFolderHolds) {
    for (bool const has_backups : {false, true}) {
        auto const verdict = evaluate_storage(facts("", "a", has_backups));
        EXPECT_EQ(verdict.state, StorageState::in_doubt);
        EXPECT_NE(verdict.text.find("Is its file system mounted?"), std::string::npos) << verdict.text;
        EXPECT_NE(verdict.text.find("echo a > '/mnt/backup/.scale-backup-id'"), std::string::npos)
            << "how to accept it";
    }
}

TEST(StorageMark, ADifferentMarkIsInDoubt) {
    auto const verdict = evaluate_storage(facts("b", "a"));
    EXPECT_EQ(verdict.state, StorageState::in_doubt);
    EXPECT_NE(verdict.text.find("echo a > "), std::string::npos) << verdict.text;
}

TEST(StorageMark, TheFirstUseWritesTheMark) {
    EXPECT_EQ(evaluate_storage(facts("", std::nullopt, false, false)).state, StorageState::unmarked);
    EXPECT_EQ(evaluate_storage(facts("", std::nullopt, true, true)).state, StorageState::unmarked)
        << "of a version without marks";
    EXPECT_EQ(evaluate_storage(facts("", std::nullopt, true, false)).state, StorageState::unmarked)
        << "of another machine";
}

TEST(StorageMark, AnEmptyFolderIsInDoubtIfBackupsWereMade) {
    auto const verdict = evaluate_storage(facts("", std::nullopt, false, true));
    EXPECT_EQ(verdict.state, StorageState::in_doubt);
    EXPECT_NE(verdict.text.find("contains no backup, although the journal lists finished ones"), std::string::npos)
        << verdict.text;
}

TEST(StorageMark, ANewJournalRecordsTheMark) {
    EXPECT_EQ(evaluate_storage(facts("a", std::nullopt)).state, StorageState::unrecorded);
    EXPECT_EQ(evaluate_storage(facts("new", std::nullopt, false)).state, StorageState::unrecorded)
        << "accepted by hand";
}

}  // namespace
}  // namespace sb::core
