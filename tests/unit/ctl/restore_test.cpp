// restore --verify: what is read first, and that nothing is imported that did not pass.
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

rpc::JobInfo job_of_kind(rpc::JobInfo job, std::string kind) {
    job.kind = std::move(kind);
    return job;
}

void list(FakePeer& peer) { peer.answer<rpc::ListBackups>({{backup_of("friday", "FILE01", "complete")}}); }

/// What is noted: the parameters of the call that starts the job.
template <class Method>
auto serve(std::vector<std::string>& noted, rpc::JobInfo end, typename Method::Reply started) {
    return [&noted, end = std::move(end), started = std::move(started)](FakePeer& peer) {
        noted.push_back(peer.answer<Method>(started));
        peer.answer<rpc::SubscribeJobs>({{end}});
    };
}

auto serve_verify(std::vector<std::string>& noted, rpc::JobInfo const& end) {
    rpc::StartVerify::Reply started;
    started.jobs.push_back(job_of_kind(job_of(17, "queued", "queued"), "verify"));
    return serve<rpc::StartVerify>(noted, job_of_kind(end, "verify"), std::move(started));
}

auto serve_restore(std::vector<std::string>& noted) {
    rpc::StartRestore::Reply started;
    started.job = job_of_kind(job_of(17, "queued", "queued"), "restore");
    return serve<rpc::StartRestore>(noted, job_of_kind(ended_job("succeeded"), "restore"), std::move(started));
}

}  // namespace

TEST(Restore, WithVerifyReadsTheContentFirstAndSaysHowMuchThatIs) {
    std::vector<std::string> noted;
    Ran ran;
    {
        FakeDaemon daemon({list, serve_verify(noted, ended_job("succeeded")), serve_restore(noted)});
        ran = run_at(daemon.socket(), {"restore", "friday", "NEW", "--verify"});
    }
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("Reading all of 'friday' before it is imported: "));
    EXPECT_THAT(ran.err, HasSubstr("at 100 MB/s"));
    EXPECT_THAT(noted, ElementsAre(R"({"backups":["friday"],"level":"content"})",
                                   R"({"backup":"friday","vm":"NEW","force":false})"));
}

TEST(Restore, WithVerifyImportsNothingThatIsDamaged) {
    std::vector<std::string> noted;
    Ran ran;
    {
        FakeDaemon daemon({list, serve_verify(noted, ended_job("failed", "damaged_backup", "chunk 7 differs"))});
        ran = run_at(daemon.socket(), {"restore", "friday", "NEW", "--verify"});
    }
    EXPECT_NE(ran.code, 0);
    EXPECT_THAT(ran.err, HasSubstr("chunk 7 differs"));
    EXPECT_EQ(noted.size(), 1u) << "no restore was ordered";
}

TEST(Restore, WithVerifyAndJsonPrintsTheRestoresJobOnly) {
    std::vector<std::string> noted;
    Ran ran;
    {
        FakeDaemon daemon({list, serve_verify(noted, ended_job("succeeded")), serve_restore(noted)});
        ran = run_at(daemon.socket(), {"restore", "friday", "NEW", "--verify"}, {.json = true});
    }
    auto const document = json::Document::parse(ran.out);
    ASSERT_TRUE(document) << ran.out;
    EXPECT_EQ(document->root()["kind"].text(), "restore");
}

TEST(Restore, VerifyIsRefusedWithOptionsThatContradictIt) {
    FakeDaemon daemon({});
    for (auto const* option : {"--detach", "--force"}) {
        auto const ran = run_at(daemon.socket(), {"restore", "friday", "NEW", "--verify", option});
        EXPECT_EQ(ran.code, exit_code_of(Errc::invalid_params)) << option;
    }
}

}  // namespace sb::ctl
