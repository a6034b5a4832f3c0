// A journal that is corrupted in many places, or that is not accessible: the daemon gets a working one or reports why
// not, and the old file is set aside and never deleted.
#include "tests/support/ordinary_user.hpp"
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <random>

namespace sb::journal {
namespace {

using testing::HasSubstr;

class Damage : public Journal {
protected:
    static constexpr int jobs = 40;

    void SetUp() override {
        Journal::SetUp();
        open();
        for (int i = 0; i < jobs; ++i) {
            auto job = full_job();
            job.phase = i % 2 == 0 ? Phase::finished : Phase::following;
            job.outcome = i % 2 == 0 ? core::Outcome::succeeded : core::Outcome::none;
            add(job);
        }
        // As after a crash: the database, and a log that has not been merged into it.
        database_ = bytes(path_);
        log_ = bytes(path_.string() + "-wal");
        ASSERT_GT(log_.size(), 50000u);
        journal_.reset();
        whole_ = bytes(path_);
    }
    static std::string bytes(fs::path const& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void put(fs::path const& path, std::string const& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
    void clear() const {
        for (auto const& entry : fs::directory_iterator(dir_)) fs::remove_all(entry.path());
    }
    bool was_set_aside() const {
        return std::ranges::any_of(files(), [](auto const& name) { return name.find("damaged") != std::string::npos; });
    }
    /// Opens whatever file is there. The journal must accept jobs and return them.
    void expect_working_journal(std::string const& what) {
        SCOPED_TRACE(what);
        ASSERT_NO_FATAL_FAILURE(open());
        auto const unfinished = wait(journal_->unfinished());
        ASSERT_TRUE(unfinished);
        auto const ended = wait(journal_->recent(1000));
        ASSERT_TRUE(ended) << ended.error().context;
        // All or nothing: the history is complete, or the file was set aside and reported.
        if (!was_set_aside()) EXPECT_LE(unfinished->size() + ended->size(), static_cast<std::size_t>(jobs));
        else EXPECT_TRUE(unfinished->empty() && ended->empty());
        if (was_set_aside()) EXPECT_TRUE(*wait(journal_->journal_replaced()));
        core::Job fresh;
        fresh.id = add(fresh);
        fresh.phase = Phase::preparing;
        EXPECT_TRUE(wait(journal_->save(fresh)));
        journal_.reset();
    }

    std::string database_, log_;  ///< of a running daemon
    std::string whole_;           ///< after a clean close
};

TEST_F(Damage, CutAtAnyPlace) {
    for (std::size_t size = 0; size < whole_.size(); size += size < 200 ? 37 : 5003) {
        clear();
        put(path_, whole_.substr(0, size));
        expect_working_journal("cut at " + std::to_string(size));
    }
}

TEST_F(Damage, EachPageZeroedOrFilledWithGarbage) {
    for (std::size_t page = 0; page < whole_.size() / 4096; ++page)
        for (char const filling : {'\0', '\xa5'}) {
            clear();
            auto corrupted = whole_;
            std::fill_n(corrupted.begin() + static_cast<std::ptrdiff_t>(page * 4096), 4096, filling);
            put(path_, corrupted);
            expect_working_journal("page " + std::to_string(page));
            EXPECT_TRUE(was_set_aside()) << page;
        }
}

TEST_F(Damage, FlippedBytesAnywhere) {
    std::mt19937 random(20261126);
    for (int round = 0; round < 80; ++round) {
        clear();
        auto corrupted = whole_;
        for (int i = 0; i <= round % 4; ++i)
            corrupted[random() % corrupted.size()] ^= static_cast<char>(1 + random() % 255);
        put(path_, corrupted);
        expect_working_journal("round " + std::to_string(round));
    }
}

TEST_F(Damage, ATruncatedLogLosesOnlyItsEnd) {
    for (std::size_t size = 0; size < log_.size(); size += 20011) {
        clear();
        put(path_, database_);
        put(path_.string() + "-wal", log_.substr(0, size));
        expect_working_journal("log cut at " + std::to_string(size));
        clear();
        auto corrupted = log_;
        corrupted[size] ^= '\x55';
        put(path_, database_);
        put(path_.string() + "-wal", corrupted);
        expect_working_journal("log corrupted at " + std::to_string(size));
        EXPECT_FALSE(was_set_aside()) << "the log's checksums show where it ends";
    }
}

TEST_F(Damage, ALogOfAnotherDatabaseOrNone) {
    clear();
    put(path_, whole_);
    put(path_.string() + "-wal", "no log at all");
    put(path_.string() + "-shm", std::string(32768, '\x7f'));
    expect_working_journal("garbage next to it");
    EXPECT_FALSE(was_set_aside());
}

TEST_F(Damage, TheFileThatIsSetAsideIsTheOldOne) {
    clear();
    auto const rubbish = std::string(30000, 'x');
    put(path_, rubbish);
    put(path_.string() + "-wal", "its log");
    expect_working_journal("rubbish");
    auto const names = files();
    auto const aside = std::ranges::find_if(
        names, [](auto const& name) { return name.find("damaged") != std::string::npos && !name.ends_with("wal"); });
    ASSERT_NE(aside, names.end());
    EXPECT_EQ(bytes(dir_ / *aside), rubbish);
}

/// In place: the daemon has these files open.
class DamageWhileRunning : public Damage {
protected:
    void SetUp() override {
        Damage::SetUp();
        open();
        running_ = full_job();
        running_.id = add(running_);
    }
    static void overwrite(fs::path const& path, std::streamoff from = 0) {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(from);
        auto const size = static_cast<std::streamoff>(fs::file_size(path));
        if (size > from) file << std::string(static_cast<std::size_t>(size - from), '\xa5');
        ASSERT_TRUE(file.flush().good());
    }
    auto set_aside() const {
        auto const names = files();
        return std::ranges::count_if(names, [](auto const& name) {
            return name.find("damaged") != std::string::npos && !name.ends_with("-wal") && !name.ends_with("-shm");
        });
    }
    void expect_it_went_on(int files_set_aside = 1) {
        auto const unfinished = wait(journal_->unfinished());
        ASSERT_TRUE(unfinished) << unfinished.error().context;
        EXPECT_EQ(unfinished->size(), static_cast<std::size_t>(jobs / 2 + 2)) << "running jobs are recorded again";
        EXPECT_THAT(*unfinished, testing::Contains(running_));
        EXPECT_TRUE(*wait(journal_->needs_rebuild()));
        EXPECT_EQ(set_aside(), files_set_aside);
        EXPECT_THAT(query("PRAGMA integrity_check"), testing::ElementsAre("ok"));
    }
    core::Job running_;
};

TEST_F(DamageWhileRunning, IsNoticedSetAsideAndReportedAndTheNextJobIsAccepted) {
    overwrite(path_.string() + "-wal");
    overwrite(path_.string() + "-shm");
    overwrite(path_);
    auto const fresh = add(full_job());
    EXPECT_GT(fresh, running_.id);
    auto const replaced = *wait(journal_->journal_replaced());
    ASSERT_TRUE(replaced);
    EXPECT_THAT(replaced->why, HasSubstr("set aside as '" + path_.string() + ".damaged-"));
    expect_it_went_on();
}

TEST_F(DamageWhileRunning, OfTheFileAloneIsNoticedBeforeItsLogIsMerged) {
    open();  // the log is empty now
    overwrite(path_);
    running_.percent = 91;
    ASSERT_TRUE(wait(journal_->save(running_)));
    add(full_job());
    EXPECT_TRUE(*wait(journal_->journal_replaced()));
    expect_it_went_on();
}

TEST_F(DamageWhileRunning, IsNoticedWhenTheFileIsCutToNothing) {
    open();
    fs::resize_file(path_, 0);
    add(full_job());
    EXPECT_THAT((*wait(journal_->journal_replaced()))->why, HasSubstr("emptied"));
    expect_it_went_on(0);
}

TEST_F(DamageWhileRunning, OfAllButTheFirstPageIsRepairedByTheCallThatFindsIt) {
    open();
    overwrite(path_, 4096);
    query("PRAGMA user_version = 2");  // a change by another process: SQLite reads the pages from disk again
    add(full_job());
    EXPECT_TRUE(*wait(journal_->journal_replaced()));
    expect_it_went_on();
}

TEST_F(DamageWhileRunning, ThatRecursImmediatelyIsAnErrorAndFillsNoDisk) {
    open();
    for (int i = 0; i < 5; ++i) {
        overwrite(path_);
        overwrite(path_.string() + "-wal");
        static_cast<void>(wait(journal_->add(full_job())));
    }
    EXPECT_EQ(set_aside(), 1);
    now_ += std::chrono::minutes(2);
    EXPECT_TRUE(wait(journal_->add(full_job())));
}

TEST_F(DamageWhileRunning, AnUnreadableRecordIsNotDamageOfTheFile) {
    query("UPDATE jobs SET kind = 'dance' WHERE id = 1");
    EXPECT_FALSE(wait(journal_->find(1)));
    EXPECT_EQ(set_aside(), 0);
    EXPECT_FALSE(*wait(journal_->journal_replaced()));
    EXPECT_TRUE(wait(journal_->add(full_job())));
}

TEST_F(Damage, AnUnreadableFinishedJobIsSkippedAndAffectsNothingElse) {
    query("UPDATE jobs SET kind = 'dance' WHERE id = 1");
    open();
    EXPECT_FALSE(was_set_aside());
    EXPECT_EQ(wait(journal_->recent(1000))->size(), static_cast<std::size_t>(jobs / 2 - 1));
    EXPECT_EQ(wait(journal_->unfinished())->size(), static_cast<std::size_t>(jobs / 2));
}

TEST_F(Damage, AReadOnlyFileIsRefusedWithTheReason) {
    fs::permissions(path_, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    fs::permissions(dir_, fs::perms::all);
    auto const opened = [&] {
        test::OrdinaryUser const user;
        return open_journal(pool_, path_);
    }();
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().context, HasSubstr("the file is read-only"));
    EXPECT_FALSE(was_set_aside());
}

TEST_F(Damage, ALockHeldByAnotherProcessIsWaitedForAndReported) {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
    open();
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    auto const refused = wait(journal_->add({}));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, HasSubstr("another program (a sqlite3 shell?) has locked it"));
    ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_TRUE(wait(journal_->add({}))) << "it continues automatically";
    sqlite3_close(other);
}

TEST_F(Damage, AFullDiskIsReportedAndTheJournalRecovers) {
    open();
    // The journal thread's writes past the current end of the file fail, as on a full disk.
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit const tight{.rlim_cur = 1, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    auto const refused = wait(journal_->add(full_job()));
    ::setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, HasSubstr(path_.string()));
    EXPECT_TRUE(wait(journal_->add(full_job())));
    EXPECT_THAT(query("PRAGMA integrity_check"), testing::ElementsAre("ok"));
}

}  // namespace
}  // namespace sb::journal
