#pragma once
// A journal in its own folder, and SQLite's own view of its file.

#include "daemon/journal/sqlite_journal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

namespace sb::journal {

namespace fs = std::filesystem;
using core::Phase;

class Journal : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sb-journal-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        dir_ = pattern;
        path_ = dir_ / "journal.db";
    }
    void TearDown() override {
        journal_.reset();
        fs::remove_all(dir_);
    }

    void open() {
        journal_.reset();
        auto opened = open_journal(pool_, path_, [this] { return now_; });
        ASSERT_TRUE(opened) << opened.error().context;
        journal_ = std::move(*opened);
    }
    template <class T>
    T wait(task<T> work) {
        asio::io_context io;
        std::optional<T> result;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            result.emplace(std::move(value));
        });
        io.run();
        return std::move(*result);
    }
    JobId add(core::Job const& job) {
        auto const id = wait(journal_->add(job));
        EXPECT_TRUE(id);
        return *id;
    }
    /// The oracle: SQLite's own view of the file.
    std::vector<std::string> query(std::string const& sql, fs::path const& file = {}) const {
        sqlite3* db = nullptr;
        EXPECT_EQ(sqlite3_open((file.empty() ? path_ : file).c_str(), &db), SQLITE_OK);
        std::vector<std::string> rows;
        auto const collect = [](void* out, int columns, char** values, char**) {
            std::string row;
            for (int i = 0; i < columns; ++i)
                row += (i > 0 ? "|" : "") + std::string(values[i] != nullptr ? values[i] : "NULL");
            static_cast<std::vector<std::string>*>(out)->push_back(row);
            return 0;
        };
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(db, sql.c_str(), collect, &rows, &message), SQLITE_OK) << message;
        sqlite3_close(db);
        return rows;
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (auto const& entry : fs::directory_iterator(dir_)) names.push_back(entry.path().filename().string());
        return names;
    }

    static core::Job full_job() {
        core::Job job;
        job.kind = core::JobKind::restore;
        job.vm = VmUuid("9e1f7a30");
        job.vm_name = "O'Brien \"Größe\"; DROP TABLE jobs;--";
        job.backup = "my backup";
        job.attempt = "0a1b2c3d";
        job.definition_file = "vm.xml";
        job.cluster = {"1f1f1f1f-1111-4111-8111-111111111111", "hc-1", "10.0.0.1:8443"};
        job.scheduled = true;
        job.phase = Phase::following;
        job.outcome = core::Outcome::none;
        job.cancel_requested = true;
        job.error = Error{Errc::task_failed, std::string("with a \0 in it", 14)};
        job.disks = {
            {.uuid = DiskUuid("d1"), .type = "VIRTIO_DISK", .capacity_bytes = 1ull << 62, .allocation_bytes = 3},
            {.uuid = DiskUuid("d2"), .type = "IDE_CDROM"}};
        job.expected_bytes = 1ull << 50;
        job.tag_before = TaskTag("41");
        job.tag = TaskTag("42");
        job.percent = 57;
        job.end = core::ExportEnd::unflushed;
        job.queued = UtcTime(Milliseconds(1763874000123));
        job.started = UtcTime(Milliseconds(1763874000456));
        job.posted = UtcTime(Milliseconds(1763874000789));
        job.pre_hook = true;
        job.post_hook = true;
        job.delayed_hook = true;
        job.revision = 1ull << 40;
        job.warnings = {"PreBackup: exit code 3\n\"no\"", "Größe"};
        return job;
    }

    fs::path dir_, path_;
    UtcTime now_{Milliseconds(1763874111222)};
    BlockingPool pool_{1};
    std::unique_ptr<ports::Journal> journal_;
};

}  // namespace sb::journal
