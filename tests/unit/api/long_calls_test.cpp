// Calls with long answers: they keep no other caller waiting, and their answers are those of the moment of the call.
#include "tests/unit/api/api_fixture.hpp"

#include <string>

namespace sb::test {
namespace {

using core::Job;

struct LongCalls : ApiFixture {
    LongCalls() { daemon.cluster.add_vm("A"); }

    void add_finished_jobs(JobId count) {
        for (JobId id = 1; id <= count; ++id) {
            Job job;
            job.id = id;
            job.vm_name = "A";
            job.phase = core::Phase::finished;
            job.outcome = core::Outcome::succeeded;
            daemon.journal.jobs[id] = job;
        }
    }
    void add_runs(core::RunId count) {
        for (core::RunId id = 1; id <= count; ++id) {
            core::Run run;
            run.id = id;
            run.phase = core::RunPhase::finished;
            daemon.journal.runs[id] = run;
        }
    }
};

struct LongCall : LongCalls, testing::WithParamInterface<char const*> {};

TEST_P(LongCall, DelaysNoOtherCallerWhileItIsWorkedOn) {
    add_backup("one");
    auto asking = connect();
    auto other = connect();
    {
        BusyListThreads const busy(daemon.io, *long_calls);
        asking.send(request(GetParam()));
        other.send(request("version"));
        EXPECT_TRUE(other.line()) << "another caller waits for it";
        daemon.io.restart();
        daemon.io.run_for(50ms);  // enough for an answer that does not wait for the threads
        EXPECT_EQ(asking.line(), std::nullopt) << "it was computed on the event loop";
    }
    auto const document = answer(asking);
    ASSERT_TRUE(document);
    EXPECT_TRUE(document->root()["result"].exists()) << document->root().dump();
}

INSTANTIATE_TEST_SUITE_P(Of, LongCall,
                         testing::Values("vms.list", "backups.list", "backups.retention", "queue.list", "links.list",
                                         "jobs.list", "runs.list", "adopt.preview"),
                         [](auto const& method) {
                             std::string name = method.param;
                             name.replace(name.find('.'), 1, "_");
                             return name;
                         });

TEST_F(LongCalls, AClientSeesWhatItHasChangedAlthoughAListIsInProgress) {
    add_backup("one");
    auto before = connect();
    auto after = connect();
    {
        BusyListThreads const busy(daemon.io, *long_calls);
        before.send(request("backups.list"));
        EXPECT_EQ(before.line(), std::nullopt);
        add_backup("two");
        after.send(request("backups.list"));
    }
    auto const earlier = answer(before), later = answer(after);
    ASSERT_TRUE(earlier && later);
    EXPECT_EQ(earlier->root()["result"]["backups"].size(), 1U);
    EXPECT_EQ(later->root()["result"]["backups"].size(), 2U);
}

TEST_F(LongCalls, OfManyWhoAskForTheSameOneIsWorkedOnAtATime) {
    std::vector<Client> crowd;
    {
        BusyListThreads const busy(daemon.io, *long_calls);
        for (int i = 0; i < 12; ++i) {
            crowd.push_back(connect());
            crowd.back().send(request("queue.list"));
        }
        EXPECT_LE(long_calls->queue.unfinished(), 2U) << "one in progress, and one for all who asked since";
    }
    for (auto& client : crowd) EXPECT_TRUE(answer(client));
}

TEST_F(LongCalls, AListOfJobsHasAThousandFinishedOnesAtMost) {
    add_finished_jobs(1500);
    auto const document = ask("jobs.list", R"({"limit":5000})");
    auto const jobs = document.root()["result"]["jobs"];
    ASSERT_EQ(jobs.size(), 1000U);
    EXPECT_EQ(jobs.at(0)["id"].integer(), 1500);
    EXPECT_EQ(jobs.at(999)["id"].integer(), 501);
}

TEST_F(LongCalls, AFurtherPageOfJobsHasOlderFinishedOnesAlone) {
    add_finished_jobs(1500);
    daemon.backup("A", "running");
    auto const second = ask("jobs.list", R"({"limit":1000,"before":501})");
    auto const jobs = second.root()["result"]["jobs"];
    ASSERT_EQ(jobs.size(), 500U);
    EXPECT_EQ(jobs.at(0)["id"].integer(), 500);
    EXPECT_EQ(jobs.at(499)["id"].integer(), 1);
    auto const few = ask("jobs.list", R"({"limit":3,"before":501})");
    EXPECT_EQ(few.root()["result"]["jobs"].size(), 3U);
    EXPECT_EQ(few.root()["result"]["jobs"].at(2)["id"].integer(), 498);
}

TEST_F(LongCalls, AnEarlierRunIsFound) {
    add_runs(300);
    auto const run_of = [&](int id) { return ask("runs.get", R"({"run":)" + std::to_string(id) + "}"); };
    EXPECT_EQ(run_of(0).root()["result"]["run"]["id"].integer(), 300);
    EXPECT_EQ(run_of(300).root()["result"]["run"]["id"].integer(), 300);
    EXPECT_EQ(run_of(5).root()["result"]["run"]["id"].integer(), 5);
    EXPECT_EQ(run_of(301).root()["error"]["data"]["code"].text(), "not_found");
}

/// Many wrong logins lock the account.
TEST_F(LongCalls, AUserWhoMayOnlyReadCausesNoLoginAfterLogin) {
    daemon.cluster.unreachable = Error{Errc::credentials_refused, "wrong password"};
    daemon.time.run_for(2s);
    for (auto const* method : {"vms.list", "links.list"}) {
        ask(method, "{}", reader);
        auto const before = daemon.cluster.list_requests;
        for (int i = 0; i < 10; ++i)
            EXPECT_EQ(ask(method, "{}", reader).root()["error"]["data"]["code"].text(), "credentials_refused");
        EXPECT_EQ(daemon.cluster.list_requests, before) << method;
        ask(method);
        EXPECT_EQ(daemon.cluster.list_requests, before + 1) << method << ": an administrator may have corrected it";
    }
    ask("vms.explain", R"({"vm":"A"})", reader);
    auto const before = daemon.cluster.list_requests;
    for (int i = 0; i < 10; ++i) ask("vms.explain", R"({"vm":"A"})", reader);
    EXPECT_EQ(daemon.cluster.list_requests, before);
}

TEST_F(LongCalls, AStopEndsThoseInProgress) {
    auto client = connect();
    {
        BusyListThreads const busy(daemon.io, *long_calls);
        client.send(request("queue.list"));
        EXPECT_EQ(long_calls->queue.unfinished(), 1U);
        long_calls->stop();
        daemon.time.settle();
        EXPECT_TRUE(client.line()) << "it waits for a thread that may hang";
    }
}

}  // namespace
}  // namespace sb::test
