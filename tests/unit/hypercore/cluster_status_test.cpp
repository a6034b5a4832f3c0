// Which cluster it is, what its clock shows, and whether it is being updated: the calls.
#include "cluster_client_fixture.hpp"

namespace sb::hypercore::test {
namespace {

using ClusterStatus = ClusterClientTest;

constexpr auto noon = "Sun, 06 Nov 1994 12:00:00 GMT";
constexpr UtcTime noon_time{Milliseconds{784'123'200'000}};

net::ExchangeResult dated(std::string date, unsigned status = 200, std::string body = "[]") {
    net::HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    reply.date = std::move(date);
    return reply;
}

TEST_F(ClusterStatus, IdentityIsRead) {
    script.answers = {answer(200, R"([{"uuid":"6D1E0F7C-2f0f-4a4d-b0a2-0b8a5c8d1e22","clusterName":"hc3-hq"}])")};
    auto const identity = run(client->identity());
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->uuid, "6d1e0f7c-2f0f-4a4d-b0a2-0b8a5c8d1e22");
    EXPECT_EQ(identity->name, "hc3-hq");
    EXPECT_EQ(script.requests.at(0).target, "/rest/v1/Cluster");
}

TEST_F(ClusterStatus, AClusterWithoutAnIdentityIsNotAnError) {
    script.answers = {answer(200, R"([{"clusterName":"hc3-hq"}])"), answer(200, "[]"), answer(404, "<html>")};
    for (int i = 0; i < 3; ++i) {
        auto const identity = run(client->identity());
        ASSERT_TRUE(identity.has_value()) << identity.error().context;
        EXPECT_EQ(identity->uuid, "");
    }
}

TEST_F(ClusterStatus, AnIdentityThatTheUserMayNotSeeIsForbidden) {
    script.answers = {answer(403, R"({"error":"no"})"), answer(401, "")};
    EXPECT_EQ(run(client->identity()).error().code, Errc::forbidden);
    EXPECT_EQ(run(client->identity()).error().code, Errc::credentials_refused);
    EXPECT_EQ(script.requests.size(), 2u);
}

TEST_F(ClusterStatus, AnIdentityThatCannotBeReadIsRequestedAgain) {
    script.answers = {answer(200, "[{\"uuid\":"), answer(200, R"([{"uuid":"u1"}])")};
    EXPECT_EQ(run(client->identity())->uuid, "u1");
    for (int i = 0; i < 4; ++i) script.answers.push_back(answer(200, "<html>login</html>"));
    EXPECT_EQ(run(client->identity()).error().code, Errc::malformed);
}

TEST_F(ClusterStatus, AnyReplyShowsTheClustersClock) {
    EXPECT_FALSE(client->latest_date().has_value());
    script.answers = {dated(noon, 401)};
    EXPECT_FALSE(run(client->list_vms()).has_value());
    ASSERT_TRUE(client->latest_date().has_value()) << "a refusal has a date, too";
    EXPECT_EQ(client->latest_date()->date, noon_time);
    script.answers = {dated("Sun, 06 Nov 1994 12:00:05 GMT", 200, R"({"taskTag":"17"})")};
    EXPECT_TRUE(run(client->start_export(export_order)).has_value());
    EXPECT_EQ(client->latest_date()->date, noon_time + std::chrono::seconds{5});
    script.answers = {dated(noon)};
    (void)run(client->list_vms());
    EXPECT_EQ(client->latest_date()->date, noon_time) << "the last reply counts, not the latest date";
}

TEST_F(ClusterStatus, TheDateBelongsToTheArrivalOfItsReply) {
    script.takes = std::chrono::seconds{12};
    script.answers = {dated(noon, 200, R"({"taskTag":"17"})")};
    auto const asked = time.steady_now();
    (void)run(client->start_export(export_order));
    EXPECT_EQ(client->latest_date()->received, asked + std::chrono::seconds{12});
}

TEST_F(ClusterStatus, ADateThatIsAbsentOrInvalidChangesNothing) {
    script.answers = {dated(noon)};
    (void)run(client->list_vms());
    auto const received = client->latest_date()->received;
    time.run_for(std::chrono::hours{1});
    for (auto const* date : {"", "yesterday", "Sun, 06 Nov 1994 25:00:00 GMT", "0"}) {
        script.answers = {dated(date)};
        (void)run(client->list_vms());
        EXPECT_EQ(client->latest_date()->date, noon_time) << date;
        EXPECT_EQ(client->latest_date()->received, received) << date;
    }
    script.answers = {failure(net::Sent::no, Errc::pin_mismatch)};
    (void)run(client->list_vms());
    EXPECT_EQ(client->latest_date()->received, received);
}

TEST_F(ClusterStatus, AnUpdateIsSeen) {
    script.answers = {
        answer(200, R"({"prepareStatus":{"state":"COMPLETE"},"updateStatus":{"masterState":"EXECUTING"}})"),
        answer(200, R"({"prepareStatus":{"state":"COMPLETE"},"updateStatus":{"masterState":"COMPLETE"}})")};
    EXPECT_EQ(run(client->update_in_progress()).value(), true);
    EXPECT_EQ(run(client->update_in_progress()).value(), false);
    EXPECT_EQ(script.requests.at(0).target, "/update/update_status.json");
}

TEST_F(ClusterStatus, AClusterThatDoesNotOfferItsUpdateStatusIsNotUpdating) {
    script.answers = {answer(404, "<html>Not Found</html>"), answer(200, "<html>login</html>"), answer(302, ""),
                      answer(400, "no"), answer(200, "")};
    for (int i = 0; i < 5; ++i) {
        auto const updating = run(client->update_in_progress());
        ASSERT_TRUE(updating.has_value()) << updating.error().context;
        EXPECT_FALSE(*updating);
    }
    EXPECT_EQ(script.requests.size(), 5u) << "none of them is requested again";
}

TEST_F(ClusterStatus, AClusterThatCannotBeAskedMayBeUpdating) {
    for (int i = 0; i < 4; ++i) script.answers.push_back(failure(net::Sent::no, Errc::unreachable));
    EXPECT_EQ(run(client->update_in_progress()).error().code, Errc::unreachable);
}

}  // namespace
}  // namespace sb::hypercore::test
