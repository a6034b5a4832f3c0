// Ids after an older journal was put back.
#include "daemon/app/rebuild_history.hpp"
#include "tests/simulation/fake_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <string>

namespace sb::test {
namespace {

/// With ids, as the real one.
class NumberedJournal final : public FakeJournal {
public:
    JobId newest = 7;
    int raised = 0;
    task<Result<JobId>> newest_job() override { co_return newest; }
    task<Result<void>> raise_next_id(JobId above) override {
        ++raised;
        newest = std::max(newest, above);
        co_return boost::system::in_place_value;
    }
};

struct UnknownExports : ::testing::Test {
    NumberedJournal journal;
    FakeCatalog catalog;

    void start() {
        asio::io_context io;
        std::exception_ptr failure;
        asio::co_spawn(io, app::skip_ids_of_unknown_exports(journal, catalog),
                       [&](std::exception_ptr thrown) { failure = thrown; });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
};

TEST_F(UnknownExports, NewJobsGetIdsWellAboveThoseOfExportsThatNoJobHasOrdered) {
    catalog.folders = {"FILE01.exporting-0a1b2c3d", "a backup"};
    start();
    EXPECT_GE(journal.newest, 107u);
}

TEST_F(UnknownExports, AFolderCountsOnceAndAnotherOneAgain) {
    catalog.folders = {"FILE01.exporting-0a1b2c3d"};
    start();
    start();
    EXPECT_EQ(journal.raised, 1);
    catalog.folders.insert("FILE01.exporting-0A1B2C3E");
    start();
    EXPECT_EQ(journal.raised, 2);
    start();
    EXPECT_EQ(journal.raised, 2);
}

TEST_F(UnknownExports, TheFolderOfAJobThatTheJournalKnowsChangesNothing) {
    core::Job running;
    running.id = 1;
    running.attempt = "0a1b2c3d";
    running.phase = core::Phase::following;
    core::Job failed;
    failed.id = 2;
    failed.attempt = "0a1b2c3e";
    failed.phase = core::Phase::finished;
    journal.jobs = {{1, running}, {2, failed}};
    catalog.folders = {"FILE01.exporting-0a1b2c3d", "WEB01.EXPORTING-0A1B2C3E"};
    start();
    EXPECT_EQ(journal.raised, 0);
}

}  // namespace
}  // namespace sb::test
