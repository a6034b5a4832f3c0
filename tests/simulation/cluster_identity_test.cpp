// Two clusters: in one LocalPath, behind the same host, and a reload from one to the other during an export.
#include "tests/simulation/identity_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <utility>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

task<Result<void>> ask_for_identity(engine::ClusterIdentityWatch& watch) {
    co_await watch.check(1h);
    co_return boost::system::in_place_value;
}

/// As the daemon's: a reload puts another cluster behind it.
class Switched final : public ports::Cluster {
public:
    explicit Switched(ports::Cluster& first) { use(first); }
    void use(ports::Cluster& cluster) { present_ = std::shared_ptr<ports::Cluster>(std::make_shared<int>(), &cluster); }

    task<Result<ports::Vms>> list_vms() override { return present_->list_vms(); }
    task<Result<core::Vm>> get_vm(VmUuid uuid) override { return present_->get_vm(std::move(uuid)); }
    task<Result<ports::OrderAccepted>> start_export(ports::ExportOrder order) override {
        return present_->start_export(std::move(order));
    }
    task<Result<ports::OrderAccepted>> start_import(ports::ImportOrder order) override {
        return present_->start_import(std::move(order));
    }
    task<Result<core::TaskReport>> get_task(TaskTag tag) override { return present_->get_task(std::move(tag)); }
    task<Result<std::vector<core::TaskReport>>> list_tasks() override { return present_->list_tasks(); }
    std::string host() const override { return present_->host(); }
    std::shared_ptr<ports::Cluster> present() override { return present_; }
    task<Result<ports::ClusterIdentity>> identity() override { return present_->identity(); }
    task<Result<bool>> update_in_progress() override { return present_->update_in_progress(); }

private:
    std::shared_ptr<ports::Cluster> present_;
};

/// Two clusters with the same tags and the same VM names, and an engine that can be led from one to the other.
struct TwoClusters : ::testing::Test {
    EngineFixture fixture;
    FakeCluster second{fixture.time};
    Switched switched{fixture.cluster};

    TwoClusters() {
        fixture.stop_engine();
        fixture.connected = &switched;
        second.is = {hc2, "hc-2"};
        second.node = "second.cluster";
        second.on_begin = fixture.cluster.on_begin;
        fixture.cluster.add_vm("A");
        second.add_vm("B");
        fixture.cluster.length = second.length = 10min;
        fixture.start_engine();
    }
    ~TwoClusters() override { fixture.stop_engine(); }

    void reload(ports::Cluster& cluster) {
        switched.use(cluster);
        fixture.identity->configured();
        fixture.gate->configured();
        fixture.engine->forget_vms();
    }
};

}  // namespace

TEST_F(Identity, ABackupAndItsJobNoteTheCluster) {
    add_vm("A");
    fixture.start();
    auto const id = fixture.backup("A", "manual");
    fixture.time.run_for(1min);
    ClusterId const expected{fixture.cluster.is.uuid, "hc-1", "fake.cluster"};
    EXPECT_EQ(fixture.job(id).cluster, expected);
    EXPECT_EQ(cluster_of(fixture.catalog.manifests.at("manual")), expected);
}

TEST_F(Identity, CopiesOfAnotherClusterAreNeitherDeletedNorDoTheyStandForAVm) {
    fixture.settings.policy.max_age = config::CivilDuration{30, 0s};
    auto const a = add_vm("A");
    add_copy("of another, new", a, 0, hc2, "10.0.0.9");
    add_copy("of another, old", a, 90, hc2, "10.0.0.9");
    add_copy("of another, of a VM that is not here", VmUuid{"elsewhere"}, 90, hc2, "10.0.0.9");
    fixture.start();
    for (int night = 0; night < 12; ++night) fixture.run_until_clock(12h);
    EXPECT_GE(fixture.copies_of("A"), 11u) << "it is due every night, from the first on";
    for (auto const* name : {"of another, new", "of another, old", "of another, of a VM that is not here"})
        EXPECT_TRUE(fixture.catalog.manifests.contains(name)) << name;
    auto const retention = fixture.get(fixture.scheduler->clean_up().evaluate());
    ASSERT_TRUE(retention);
    auto const verdict = std::ranges::find(retention->verdicts, "of another, old", &Verdict::backup);
    EXPECT_EQ(verdict->reason, Reason::other_cluster);
}

TEST_F(Identity, CopiesOfAnEarlierVersionCountIfTheirHostIsConfigured) {
    fixture.settings.policy.max_age = config::CivilDuration{30, 0s};
    auto const a = add_vm("A");
    add_copy("old", a, 90, "", "fake.cluster");
    add_copy("old of another host", a, 90, "", "10.9.9.9");
    fixture.start();
    for (int night = 0; night < 2; ++night) fixture.run_until_clock(12h);
    EXPECT_FALSE(fixture.catalog.manifests.contains("old"));
    EXPECT_TRUE(fixture.catalog.manifests.contains("old of another host"));
}

TEST_F(Identity, AClusterThatReplacesAnotherAtTheSameHostInheritsNoCopies) {
    fixture.settings.policy.max_age = config::CivilDuration{5, 0s};
    add_vm("A");
    fixture.start();
    for (int night = 0; night < 2; ++night) fixture.run_until_clock(12h);
    auto const before = fixture.catalog.manifests.size();
    ASSERT_GE(before, 2u);
    auto const first = fixture.catalog.manifests.begin()->first;
    replace_cluster();
    fixture.cluster.vms.clear();
    add_vm("B");
    for (int night = 0; night < 20; ++night) fixture.run_until_clock(12h);
    EXPECT_TRUE(fixture.catalog.manifests.contains(first)) << "its VM is not gone: it is at another cluster";
}

TEST_F(Identity, IsUnknownWhereTheClusterRefusesItWhichIsSaidAndStopsNothing) {
    add_vm("A");
    fixture.cluster.refuse_identity = Error{Errc::forbidden, "cluster fake.cluster: the user may not read it"};
    fixture.start();
    fixture.run_until_clock(12h);
    EXPECT_EQ(fixture.copies_of("A"), 1u);
    EXPECT_TRUE(stands(ConditionKind::cluster_identity_unknown));
    EXPECT_EQ(fixture.catalog.manifests.begin()->second.cluster_uuid, "");
    fixture.cluster.refuse_identity.reset();
    fixture.run_until_clock(12h);
    EXPECT_FALSE(stands(ConditionKind::cluster_identity_unknown));
}

TEST_F(TwoClusters, ALoginThatTheFirstOneRefusesIsNotRepeatedByItsJobsAgainAndAgain) {
    fixture.cluster.length = 5h;
    auto const followed = fixture.backup("A", "followed");
    fixture.time.run_for(1min);
    reload(second);
    fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    auto const before = fixture.cluster.requests;
    fixture.time.run_for(4h);
    EXPECT_GE(fixture.cluster.requests - before, 3);
    EXPECT_LE(fixture.cluster.requests - before, 12);
    EXPECT_FALSE(fixture.condition(ConditionKind::cluster_login_refused)) << "the configured one accepts it";
    fixture.cluster.unreachable.reset();
    fixture.time.run_for(5h);
    EXPECT_EQ(fixture.job(followed).outcome, Outcome::succeeded);
}

TEST_F(Identity, IsKnownAtAStartWithoutTheCluster) {
    fixture.start();
    fixture.get(ask_for_identity(*fixture.identity)).value();
    fixture.stop();
    fixture.cluster.unreachable = Error{Errc::unreachable, "connection refused"};
    fixture.start();
    EXPECT_EQ(fixture.identity->present().uuid, fixture.cluster.is.uuid);
    fixture.cluster.node = "10.9.9.9";
    EXPECT_EQ(fixture.identity->present().uuid, "") << "another host may be another cluster";
}

TEST_F(Identity, ARestoreOfAnotherClustersCopyIsAllowedAndSaysSo) {
    fixture.start();
    add_copy("of another", VmUuid{"elsewhere"}, 1, hc2, "10.0.0.9").cluster_name = "hc-2";
    auto const job = fixture.get(fixture.engine->submit_restore("of another", "new"));
    ASSERT_TRUE(job) << job.error().context;
    EXPECT_THAT(job->warnings, Contains(HasSubstr("another cluster, hc-2 (10.0.0.9)")));
}

TEST_F(Identity, AClusterThatWasReplacedAMomentAgoLosesNoCopies) {
    add_copies_to_prune(add_vm("A"));
    fixture.start();
    ASSERT_TRUE(fixture.get(fixture.scheduler->clean_up().evaluate()));
    fixture.time.run_for(30s);
    replace_cluster();
    EXPECT_EQ(prune(), "");
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
}

TEST_F(Identity, AClusterThatIsReplacedDuringACleanUpLosesNoMoreCopies) {
    auto const a = add_vm("A");
    add_copies_to_prune(a);
    add_copy("older", a, 91, fixture.cluster.is.uuid);
    fixture.start();
    fixture.catalog.on_remove = [this](std::string const&) {
        replace_cluster();
        fixture.cluster.node = "10.0.0.2";  // of several: the next call goes to another one
    };
    EXPECT_EQ(prune(), "");
    EXPECT_EQ(fixture.catalog.removed.size(), 1u);
}

TEST_F(Identity, WhileTheClusterDoesNotAnswerItIsAskedOnceAMinute) {
    fixture.start();
    fixture.cluster.refuse_identity = Error{Errc::unavailable, "503"};
    auto const asked_before = fixture.cluster.identity_requests;
    for (int i = 0; i < 60; ++i) {
        static_cast<void>(fixture.get(fixture.scheduler->gather()));
        fixture.time.run_for(10s);
    }
    EXPECT_LE(fixture.cluster.identity_requests, asked_before + 12);
    EXPECT_GE(fixture.cluster.identity_requests, asked_before + 9);
}

TEST_F(TwoClusters, AReloadToAnotherClusterLetsARunningExportEndAtTheFirst) {
    auto const id = fixture.backup("A", "nightly");
    fixture.time.run_for(1min);
    reload(second);
    second.runs = fixture.cluster.runs;  // the same tag, of another VM
    second.runs[0].vm = second.vms[0].uuid;
    second.runs[0].length = 1s;
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(id).phase, Phase::following);
    EXPECT_EQ(fixture.job(id).tag, fixture.cluster.runs[0].tag);
    auto const other = fixture.backup("B", "at the second");
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.catalog.manifests.at("nightly").cluster_uuid, fixture.cluster.is.uuid);
    EXPECT_EQ(fixture.catalog.manifests.at("nightly").cluster_host, "fake.cluster");
    EXPECT_EQ(fixture.job(other).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.catalog.manifests.at("at the second").cluster_uuid, hc2);
}

TEST_F(TwoClusters, AfterARestartWithAnotherClusterItsJobIsLostAndItsFolderStays) {
    auto const id = fixture.backup("A", "nightly");
    fixture.time.run_for(1min);
    auto const landing = folder_of(fixture.job(id));
    fixture.stop_engine();
    switched.use(second);
    auto const asked_before = second.requests;
    fixture.start_engine();
    fixture.time.run_for(5min);
    auto const job = fixture.job(id);
    EXPECT_EQ(job.outcome, Outcome::lost);
    ASSERT_TRUE(job.error);
    EXPECT_THAT(job.error->context, HasSubstr("was ordered at cluster hc-1 (fake.cluster)"));
    EXPECT_TRUE(fixture.catalog.folders.contains(landing));
    EXPECT_EQ(second.requests, asked_before) << "the second cluster was not asked for the first one's task";
}
