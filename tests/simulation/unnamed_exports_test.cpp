// Exports that only need their name, after the journal with their jobs was lost.
#include "daemon/engine/unnamed_exports.hpp"
#include "daemon/core/landing.hpp"
#include "tests/simulation/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct UnnamedExports : ::testing::Test {
    EngineFixture fixture;
    std::unique_ptr<engine::UnnamedExports> unnamed;
    std::unique_ptr<TaskGroup> group;
    int changes = 0;

    UnnamedExports() { fixture.journal.is_new = true; }
    ~UnnamedExports() override { stop(); }
    void stop() {
        if (!group) return;
        group->stop();
        EXPECT_TRUE(fixture.get(join_it()));
        group.reset();
    }
    task<Result<void>> join_it() {
        co_await group->join();
        co_return boost::system::in_place_value;
    }
    /// A complete export of a daemon whose journal is gone.
    std::string landed(std::string const& name, std::string const& attempt, ClusterId const& cluster) {
        auto const folder = landing_folder(name, attempt);
        Manifest manifest;
        manifest.backup = name;
        manifest.attempt = attempt;
        manifest.vm_uuid = VmUuid{"vm of " + name};
        manifest.vm_name = "VM";
        manifest.job = 40 + fixture.catalog.landed.size();
        manifest.cluster_uuid = cluster.uuid;
        manifest.cluster_host = cluster.host;
        manifest.started = manifest.completed = fixture.time.now();
        fixture.catalog.folders.insert(folder);
        fixture.catalog.landed[folder] = manifest;
        return folder;
    }
    std::string landed(std::string const& name, std::string const& attempt) {
        return landed(name, attempt, {{}, {}, fixture.engine->cluster_host()});
    }
    task<Result<std::vector<engine::UnnamedExports::Attempted>>> finish(engine::UnnamedExports::Accepts accepts) {
        std::vector<engine::UnnamedExports::Attempted> attempted;
        auto const all = fixture.catalog.landed;
        for (auto const& [folder, manifest] : all) {
            if (!accepts(manifest)) continue;
            auto const name = co_await fixture.catalog.commit(folder, manifest.backup);
            attempted.push_back({folder, manifest.backup, name});
        }
        co_return attempted;
    }
    task<Result<void>> start_it() {
        co_await unnamed->start();
        co_return boost::system::in_place_value;
    }
    void start() {
        engine::UnnamedExports::Dependencies dependencies{
            [this](engine::UnnamedExports::Accepts accepts) { return finish(std::move(accepts)); },
            *fixture.engine,
            fixture.catalog,
            fixture.journal,
            fixture.time,
            *fixture.conditions,
            *fixture.identity,
            [this] { ++changes; }};
        unnamed = std::make_unique<engine::UnnamedExports>(std::move(dependencies));
        ASSERT_TRUE(fixture.get(start_it()));
        group = std::make_unique<TaskGroup>(fixture.io.get_executor(), [](std::exception_ptr) {});
        group->spawn(unnamed->run());
    }
    bool is_backup(std::string const& name) const { return fixture.catalog.manifests.contains(name); }
};

}  // namespace

TEST_F(UnnamedExports, GetTheirNamesAtTheStart) {
    landed("nightly", "0badcafe");
    fixture.catalog.folders.insert("weekly");  // a number is needed
    landed("weekly", "0badcaff");
    start();
    EXPECT_TRUE(is_backup("nightly"));
    EXPECT_TRUE(is_backup("weekly (2)"));
    EXPECT_THAT(fixture.conditions->all(), IsEmpty());
    EXPECT_EQ(fixture.journal.facts["unnamed_exports"], "");
}

TEST_F(UnnamedExports, AreLeftToTheirJobsIfTheJournalIsNotNew) {
    fixture.journal.is_new = false;
    landed("nightly", "0badcafe");
    start();
    fixture.time.run_for(1h);
    EXPECT_FALSE(is_backup("nightly"));
}

TEST_F(UnnamedExports, OfAnotherClusterAreNotTouched) {
    landed("theirs", "0badcafe", {"another uuid", "other", "another host"});
    landed("ours", "0badcaff");
    start();
    fixture.time.run_for(1h);
    EXPECT_TRUE(is_backup("ours"));
    EXPECT_FALSE(is_backup("theirs"));
}

TEST_F(UnnamedExports, AreNotTouchedWhereTheStorageIsInDoubt) {
    fixture.journal.facts["storage_mark"] = "the mark of another share";
    fixture.catalog.mark = "this one";
    landed("nightly", "0badcafe");
    start();
    fixture.time.run_for(1h);
    EXPECT_FALSE(is_backup("nightly"));
    fixture.catalog.mark = "the mark of another share";
    fixture.time.run_for(6min);
    EXPECT_TRUE(is_backup("nightly"));
}

TEST_F(UnnamedExports, ThatAreRefusedTheirNameAreACondition) {
    landed("nightly", "0badcafe");
    fixture.catalog.renaming_fails = Error{Errc::io, "read-only file system"};
    start();
    fixture.journal.is_new = false;  // its history was rebuilt
    auto const conditions = fixture.conditions->all();
    ASSERT_EQ(conditions.size(), 1u);
    EXPECT_EQ(conditions.front().kind, ConditionKind::commit_waiting);
    EXPECT_EQ(conditions.front().subject, "nightly");
    EXPECT_THAT(conditions.front().reason, HasSubstr("read-only"));
    EXPECT_EQ(unnamed->waiting(), std::set<std::string>{"nightly"});
    fixture.time.run_for(1h);
    EXPECT_LT(fixture.catalog.renames_refused, 25) << "with growing pauses";
    fixture.catalog.renaming_fails.reset();
    fixture.time.run_for(6min);
    EXPECT_TRUE(is_backup("nightly"));
    EXPECT_THAT(fixture.conditions->all(), IsEmpty());
    EXPECT_EQ(changes, 1);
    ASSERT_EQ(fixture.journal.jobs.size(), 1u);
    EXPECT_EQ(fixture.journal.jobs.begin()->second.backup, "nightly") << "the history has it";
}

TEST_F(UnnamedExports, AreNotForgottenByARestart) {
    landed("nightly", "0badcafe");
    fixture.catalog.renaming_fails = Error{Errc::io, "read-only file system"};
    start();
    stop();
    fixture.journal.is_new = false;
    fixture.catalog.renaming_fails.reset();
    start();
    EXPECT_TRUE(is_backup("nightly"));
}

TEST_F(UnnamedExports, WhoseFilesHaveChangedStayWhereTheyAre) {
    auto const folder = landed("nightly", "0badcafe");
    fixture.catalog.not_whole["nightly"] = Error{Errc::damaged_backup, "a disk is shorter"};
    start();
    fixture.time.run_for(1h);
    EXPECT_TRUE(fixture.catalog.landed.contains(folder));
    EXPECT_THAT(fixture.conditions->all(), IsEmpty()) << "no repetition helps";
}
