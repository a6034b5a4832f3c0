// The export is complete, but its folder cannot be renamed to the backup's name: LocalPath is not writable for the
// daemon's user.

#include "tests/e2e/service_fixture.hpp"

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

struct CommitWaiting : ::testing::Test {
    std::unique_ptr<ServiceFixture> service;
    std::string landing;

    /// Until the rename has been refused.
    void SetUp() override {
        SB_NEEDS_SAMBA();
        if (auto const missing = ServiceFixture::missing(); !missing.empty()) GTEST_SKIP() << "needs " << missing;
        service = std::make_unique<ServiceFixture>(
            ServiceSettings{.schedule = "", .simulator_options = {"--export-seconds", "2"}});
        ASSERT_NO_FATAL_FAILURE(service->start());
        auto const started = service->ctl({"backup", service->some_vm(), "late", "--detach"});
        ASSERT_EQ(started.code, 0) << started.err;
        ASSERT_TRUE(wait_until([&] { return !(landing = service->fixture.landing_folder_of("late")).empty(); }));
        // The cluster can still write into the export's folder.
        set_writable(false);
        ASSERT_TRUE(wait_until([&] { return condition("kind") == "commit_waiting"; })) << service->process->err();
    }
    void set_writable(bool writable) const {
        fs::permissions(service->fixture.share(), fs::perms{writable ? 02770u : 02550u});
    }

    std::string condition(char const* field) const {
        auto const status = service->ctl_json({"status"});
        for (auto const& one : status.root()["conditions"].elements())
            if (one["kind"].text() == "commit_waiting") return one[field].text();
        return "";
    }
    /// Of the only backup job.
    std::string job(char const* field) const {
        auto const jobs = service->ctl_json({"jobs"});
        for (auto const& one : jobs.root().elements())
            if (one["kind"].text() == "backup") return one[field].text();
        return "";
    }
    void expect_waiting() const {
        EXPECT_EQ(condition("subject"), "late");
        EXPECT_THAT(condition("reason"), HasSubstr("ermission denied"));
        EXPECT_EQ(job("state"), "running");
        EXPECT_EQ(job("phase"), "committing");
        EXPECT_THAT(job("error"), HasSubstr("ermission denied"));
        EXPECT_FALSE(fs::exists(service->fixture.folder("late")));
        EXPECT_TRUE(fs::exists(service->fixture.folder(landing) / "scale-backup.json"));
        auto const backups = service->ctl_json({"show-backups"});
        ASSERT_EQ(backups.root().size(), 1u) << backups.root().dump();
        auto const row = backups.root().at(0);
        EXPECT_EQ(row["name"].text(), "late");
        EXPECT_EQ(row["folder"].text(), landing);
        EXPECT_EQ(row["state"].text(), "exporting");
        EXPECT_THAT(row["problem"].text(), HasSubstr("ermission denied"));
        EXPECT_NE(service->ctl({"restore", "late", "too early"}).code, 0);
    }
    void expect_complete() const {
        auto const backups = service->ctl_json({"show-backups"});
        ASSERT_EQ(backups.root().size(), 1u) << backups.root().dump();
        auto const row = backups.root().at(0);
        EXPECT_EQ(row["name"].text(), "late");
        EXPECT_EQ(row["folder"].text(), "late");
        EXPECT_EQ(row["state"].text(), "complete") << row.dump();
        EXPECT_EQ(service->fixture.landing_folder_of("late"), "");
        EXPECT_TRUE(fs::exists(service->fixture.folder("late") / "scale-backup.json"));
        expect_every_manifest_is_true(service->fixture.share());
        auto const stats = service->fixture.simulator.stats();
        EXPECT_EQ(stats.root()["by_route"]["POST /rest/v1/VirDomain/{}/export"].unsigned_integer(), 1u);
    }
};

TEST_F(CommitWaiting, TheRenameIsRepeatedAcrossARestartUntilItSucceedsWithoutASecondExport) {
    expect_waiting();
    EXPECT_EQ(service->process->stop().code, 0);
    ASSERT_NO_FATAL_FAILURE(service->start());
    ASSERT_TRUE(wait_until([&] { return condition("kind") == "commit_waiting"; })) << service->process->err();
    expect_waiting();

    set_writable(true);
    EXPECT_TRUE(wait_until([&] { return job("state") != "running"; }));
    EXPECT_EQ(job("state"), "succeeded") << job("error");
    EXPECT_EQ(condition("kind"), "");
    expect_complete();
    EXPECT_EQ(service->ctl({"restore", "late", "restored"}).code, 0);
}

TEST_F(CommitWaiting, TheNextStartFinishesItAlthoughTheStateDirectoryIsLost) {
    service->process->kill();
    fs::remove_all(service->state_dir());
    fs::create_directory(service->state_dir());
    ServiceFixture::give(service->state_dir(), ServiceFixture::uid(), 0700);
    set_writable(true);
    ASSERT_NO_FATAL_FAILURE(service->start());
    expect_complete();
    EXPECT_TRUE(wait_until([&] { return job("state") == "succeeded"; })) << "its history is rebuilt";
    EXPECT_EQ(job("backup"), "late");
}

TEST_F(CommitWaiting, FailsIfAnImageWasTruncatedMeanwhile) {
    fs::path image;
    for (auto const& entry : fs::directory_iterator(service->fixture.folder(landing)))
        if (entry.path().extension() == ".qcow2") image = entry.path();
    ASSERT_FALSE(image.empty());
    fs::resize_file(image, fs::file_size(image) / 2);
    set_writable(true);
    ASSERT_TRUE(wait_until([&] { return job("state") == "failed"; })) << service->process->err();
    EXPECT_THAT(job("error"), HasSubstr(image.filename().string()));
    EXPECT_FALSE(fs::exists(service->fixture.folder("late")));
    EXPECT_EQ(condition("kind"), "");
}

}  // namespace
}  // namespace sb::test
