// Ids after an older journal was put back.
#include "daemon/engine/rebuild_history.hpp"
#include "tests/simulation/fake_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <sstream>
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
        asio::co_spawn(io, engine::skip_ids_of_unknown_exports(journal, catalog),
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

/// A journal with jobs up to 7, and what manifests in LocalPath claim.
struct OlderJournal : ::testing::Test {
    NumberedJournal journal;
    FakeCatalog catalog;

    void plant(std::string const& name, JobId job) {
        core::Manifest manifest;
        manifest.backup = name;
        manifest.job = job;
        manifest.attempt = "ffffff" + std::to_string(10 + catalog.folders.size());
        manifest.vm_uuid = VmUuid("uuid-FILE01-0");
        manifest.cluster_uuid = "cluster-1";
        catalog.folders.insert(name);
        catalog.manifests[name] = manifest;
    }
    void complete() {
        auto call = [](ports::Journal& of, ports::Catalog& in) -> task<void> {
            auto backups = co_await in.list();
            core::PresentCluster present;
            present.uuid = "cluster-1";
            co_await engine::complete_history(of, std::move(*backups), std::move(present));
        };
        asio::io_context io;
        std::exception_ptr failure;
        asio::co_spawn(io, call(journal, catalog), [&](std::exception_ptr thrown) { failure = thrown; });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
};

TEST_F(OlderJournal, LaterJobsAreAddedOnceAndNoClaimRaisesANumber) {
    plant("later", 9);
    plant("planted 1", 1000000000000);
    plant("planted 2", JobId{1} << 53);
    plant("planted 3", (JobId{1} << 63) - 1);
    plant("known", 5);
    complete();
    EXPECT_EQ(journal.raised, 0);
    EXPECT_EQ(journal.jobs.size(), 4u) << "all but the one that may be of a job that the journal has pruned";
    EXPECT_LE(journal.jobs.rbegin()->first, 8u);
    ASSERT_TRUE(journal.replaced);
    journal.replaced.reset();
    complete();
    EXPECT_EQ(journal.jobs.size(), 4u);
    EXPECT_FALSE(journal.replaced) << "a restart does not report them again";
}

struct LostJournal : ::testing::Test {
    FakeJournal journal;
    FakeCatalog catalog;

    LostJournal() {
        core::Manifest manifest;
        manifest.backup = "FILE01";
        manifest.job = 1;
        manifest.vm_uuid = VmUuid("uuid-FILE01-0");
        catalog.folders = {"FILE01"};
        catalog.manifests["FILE01"] = manifest;
    }
    /// What the log says of a new journal.
    std::string rebuild() {
        auto const before = spdlog::default_logger();
        std::ostringstream text;
        auto const sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("lost", sink));
        asio::io_context io;
        std::exception_ptr failure;
        asio::co_spawn(io, engine::rebuild_history(journal, catalog),
                       [&](std::exception_ptr thrown) { failure = thrown; });
        io.run();
        spdlog::set_default_logger(before);
        if (failure) std::rethrow_exception(failure);
        return text.str();
    }
};

TEST_F(LostJournal, OnlyWhatIsLostIsReportedAsLost) {
    journal.is_new = true;
    EXPECT_NE(rebuild().find("earlier failures, restores and a pause of the schedule are lost"), std::string::npos);
}

TEST_F(LostJournal, APauseThatTheDaemonKeptIsNotReportedAsLost) {
    journal.is_new = true;
    journal.facts["paused"] = "yes";
    auto const log = rebuild();
    EXPECT_NE(log.find("earlier failures and restores are lost"), std::string::npos);
    EXPECT_EQ(log.find("pause"), std::string::npos);
}

}  // namespace
}  // namespace sb::test
