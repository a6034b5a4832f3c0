#include "cluster_client_fixture.hpp"

namespace sb::hypercore::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ClusterClientTest, LogsInOnEveryCall) {
    script.answers.push_back(answer(200, R"([{"uuid":"v","name":"n"}])"));
    auto const vms = run(client->list_vms());
    ASSERT_TRUE(vms.has_value());
    EXPECT_EQ(vms->size(), 1u);
    ASSERT_EQ(script.requests.size(), 1u);
    EXPECT_EQ(script.requests[0].target, "/rest/v1/VirDomain");
    EXPECT_EQ(script.requests[0].authorization.reveal(), "Basic c3ZjOmNsdXN0ZXItcHc=");
    EXPECT_EQ(client->host(), "hc3:8443");
}

TEST_F(ClusterClientTest, RetriesAReadingCallWithGrowingPauses) {
    script.answers.push_back(failure(net::Sent::maybe, Errc::timed_out));
    script.answers.push_back(answer(502, "<html>Bad Gateway</html>"));
    script.answers.push_back(failure(net::Sent::no, Errc::unreachable));
    script.answers.push_back(answer(200, "[]"));
    EXPECT_TRUE(run(client->list_tasks()).has_value());
    EXPECT_EQ(script.requests.size(), 4u);
    EXPECT_EQ(waited, Milliseconds{500 + 1000 + 2000});
}

TEST_F(ClusterClientTest, GivesUpAfterAFewAttempts) {
    for (int i = 0; i < 10; ++i) script.answers.push_back(answer(503, "starting"));
    auto const result = run(client->list_vms());
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::unavailable);
    EXPECT_THAT(result.error().context, HasSubstr("cluster hc3:8443: it answered 503: starting"));
    EXPECT_EQ(script.requests.size(), 4u);
}

TEST_F(ClusterClientTest, DoesNotRetryPermanentErrors) {
    for (auto const& [status, code] :
         {std::pair{401u, Errc::credentials_refused}, {403u, Errc::forbidden}, {400u, Errc::rejected}}) {
        script.requests.clear();
        script.answers = {answer(status, R"({"error":"no"})")};
        EXPECT_EQ(run(client->list_vms()).error().code, code);
        EXPECT_EQ(script.requests.size(), 1u);
    }
    script.requests.clear();
    script.answers = {failure(net::Sent::no, Errc::pin_mismatch)};
    EXPECT_EQ(run(client->list_vms()).error().code, Errc::pin_mismatch);
    EXPECT_EQ(script.requests.size(), 1u);
}

TEST_F(ClusterClientTest, AnUnreadableSuccessIsMalformed) {
    for (int i = 0; i < 10; ++i) script.answers.push_back(answer(200, "<html>login</html>"));
    EXPECT_EQ(run(client->list_vms()).error().code, Errc::malformed);
    EXPECT_EQ(script.requests.size(), 4u);
}

TEST_F(ClusterClientTest, AReplyThatCannotBeReadIsRequestedAgain) {
    script.answers = {answer(200, "[{\"uuid\":"), answer(200, "[]")};
    EXPECT_TRUE(run(client->list_vms()).has_value());
    script.answers = {answer(200, ""), answer(200, R"([{"taskTag":"5","state":"RUNNING","progressPercent":3}])")};
    EXPECT_EQ(run(client->get_task(TaskTag("5")))->percent, 3);
}

TEST_F(ClusterClientTest, OnlyListsMayBeLong) {
    script.answers = {answer(200, "[]"), answer(200, "[]"), answer(200, R"({"taskTag":"17"})")};
    (void)run(client->list_vms());
    (void)run(client->get_task(TaskTag("5")));
    (void)run(client->start_export(export_order));
    EXPECT_EQ(script.requests.at(0).max_body, std::size_t{16} << 20);
    EXPECT_EQ(script.requests.at(1).max_body, std::size_t{1} << 20);
    EXPECT_EQ(script.requests.at(2).max_body, std::size_t{1} << 20);
}

TEST_F(ClusterClientTest, AMissingVmIsNotFoundInBothForms) {
    script.answers = {answer(200, "[]"), answer(404, R"({"error":"no such record"})")};
    EXPECT_EQ(run(client->get_vm(VmUuid("v"))).error().code, Errc::not_found);
    EXPECT_EQ(run(client->get_vm(VmUuid("v"))).error().code, Errc::not_found);
    EXPECT_EQ(run(client->get_vm(VmUuid(""))).error().code, Errc::not_found);
    EXPECT_EQ(script.requests.size(), 2u) << "without a uuid the cluster would answer with the whole list";
}

TEST_F(ClusterClientTest, AnExpiredTaskIsAbsent) {
    script.answers = {answer(200, "[]"), answer(404, "")};
    EXPECT_EQ(run(client->get_task(TaskTag("5")))->state, core::TaskState::absent);
    EXPECT_EQ(run(client->get_task(TaskTag("5")))->state, core::TaskState::absent);
    EXPECT_EQ(run(client->get_task(TaskTag("")))->state, core::TaskState::absent);
    EXPECT_EQ(script.requests.size(), 2u);
}

TEST_F(ClusterClientTest, StartsAnExportWithAnEncodedLogin) {
    script.answers.push_back(answer(200, R"({"taskTag":"17","createdUUID":""})"));
    auto const taken = run(client->start_export(export_order));
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(taken->tag.text(), "17");
    auto const& request = script.requests.at(0);
    EXPECT_EQ(request.method, net::Method::post);
    EXPECT_EQ(request.target, "/rest/v1/VirDomain/v%2F1/export");
    EXPECT_THAT(request.body.reveal(), HasSubstr("smb://u:p%40ss%2Fword@files/s/night%201"));
    EXPECT_EQ(request.limit, Milliseconds{120'000});
}

TEST_F(ClusterClientTest, StartsAnImportAndReturnsTheNewVm) {
    script.answers.push_back(answer(201, R"({"taskTag":"18","createdUUID":"new"})"));
    auto const taken = run(client->start_import(ports::ImportOrder{"night 1", "FILE.xml", "copy"}));
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(taken->created.text(), "new");
    EXPECT_EQ(script.requests.at(0).target, "/rest/v1/VirDomain/import");
}

TEST_F(ClusterClientTest, NeverRepeatsAChangingCallThatMayHaveArrived) {
    for (auto const& lost :
         {failure(net::Sent::maybe, Errc::timed_out), failure(net::Sent::maybe, Errc::unreachable),
          failure(net::Sent::maybe, Errc::cancelled), failure(net::Sent::maybe, Errc::malformed),
          answer(502, "<html>Bad Gateway</html>"), answer(200, R"({"taskTag":""})"), answer(200, "OK")}) {
        script.requests.clear();
        script.answers = {lost};
        auto const taken = run(client->start_export(export_order));
        ASSERT_FALSE(taken.has_value());
        EXPECT_EQ(taken.error().code, Errc::outcome_unknown) << taken.error().context;
        EXPECT_EQ(script.requests.size(), 1u);
    }
}

TEST_F(ClusterClientTest, RepeatsAChangingCallOnlyIfNothingWasSent) {
    script.answers = {failure(net::Sent::no, Errc::unreachable), answer(200, R"({"taskTag":"17"})")};
    EXPECT_TRUE(run(client->start_export(export_order)).has_value());
    EXPECT_EQ(script.requests.size(), 2u);
    EXPECT_EQ(script.requests[0].body.reveal(), script.requests[1].body.reveal());
    script.answers = {failure(net::Sent::no, Errc::cancelled)};
    EXPECT_EQ(run(client->start_export(export_order)).error().code, Errc::cancelled);
}

TEST_F(ClusterClientTest, ARefusalHasTheClustersWordsWithoutThePasswords) {
    script.answers = {
        answer(500, R"({"error":"cannot write to smb://u:p%40ss%2Fword@files/s: p@ss/word, cluster-pw"})")};
    auto const taken = run(client->start_export(export_order));
    EXPECT_EQ(taken.error().code, Errc::maybe_rejected);
    EXPECT_THAT(taken.error().context, HasSubstr("cannot write to smb://***@files/s: ***, ***"));
    EXPECT_THAT(taken.error().context, Not(HasSubstr("word")));
}

TEST_F(ClusterClientTest, ALargeReplyIsDecodedAsASmallOneIs) {
    std::string list = R"([{"uuid":"v","description":")" + std::string(Decoder::largest_on_loop, 'x') + "\"}]";
    script.answers = {answer(200, list)};
    auto const vms = run(client->list_vms());
    ASSERT_TRUE(vms.has_value());
    EXPECT_EQ(vms->size(), 1u);
    for (int i = 0; i < 10; ++i) script.answers.push_back(answer(200, list.substr(1)));
    EXPECT_EQ(run(client->list_vms()).error().code, Errc::malformed);
    EXPECT_EQ(script.requests.at(0).max_body, std::size_t{16} << 20);
}

}  // namespace
}  // namespace sb::hypercore::test
