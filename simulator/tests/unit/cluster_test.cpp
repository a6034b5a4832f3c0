// What the cluster says of itself: its identity, and an update.
#include "simulator/tests/unit/server_fixture.hpp"

namespace sb::sim {
namespace {

using test::ServerTest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto status_file = "/update/update_status.json";
constexpr auto reader_login = "Basic cmVhZGVyOnI=";

class ClusterIdentity : public ServerTest {};

TEST_F(ClusterIdentity, IsAListOfOneWithUuidAndName) {
    auto const first = call("GET", "/Cluster");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(shown(first, "uuid"), sim.world.cluster.uuid);
    EXPECT_EQ(shown(first, "clusterName"), "hc3-sim");
    EXPECT_EQ(shown(call("GET", "/Cluster"), "uuid"), shown(first, "uuid"));
    EXPECT_EQ(call("GET", "/Cluster/unknown").body, "[]");
}

TEST_F(ClusterIdentity, TheSameSeedHasTheSameUuid) {
    World again(1);
    add_infrastructure(again, {});
    EXPECT_EQ(again.cluster.uuid, sim.world.cluster.uuid);
    World other(2);
    add_infrastructure(other, {});
    EXPECT_NE(other.cluster.uuid, sim.world.cluster.uuid);
}

TEST_F(ClusterIdentity, IsRefusedToARoleThatLacksItsPermission) {
    EXPECT_EQ(call("GET", "/Cluster", "", reader_login).status, 200);
    sim.behaviour.cluster_permission = "Cluster Settings";
    auto const refused = call("GET", "/Cluster", "", reader_login);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(field(refused, "error"), "User does not have the permission \"Cluster Settings\"");
    EXPECT_EQ(call("GET", "/Cluster").status, 200) << "the administrator has it";
    EXPECT_EQ(call("GET", "/VirDomain", "", reader_login).status, 200) << "other calls need what they needed";
}

TEST_F(ClusterIdentity, IsRefusedByAFaultToEverybody) {
    fault(R"({"kind":"forbidden","match":{"call":"cluster_list","count":1}})");
    auto const refused = call("GET", "/Cluster");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(field(refused, "error"), "User does not have the permission \"Cluster Read\"");
    EXPECT_EQ(call("GET", "/Cluster").status, 200);
}

TEST_F(ClusterIdentity, CanLackItsUuid) {
    fault(R"({"kind":"member_missing","text":"uuid","match":{"call":"cluster_list"}})");
    auto const document = json::Document::parse(call("GET", "/Cluster").body);
    ASSERT_TRUE(document);
    EXPECT_FALSE(document->root().at(0)["uuid"].exists());
    EXPECT_EQ(document->root().at(0)["clusterName"].text(), "hc3-sim");
    EXPECT_EQ(shown(call("GET", "/VirDomain/" + vm().uuid), "uuid"), vm().uuid) << "other calls have theirs";
}

TEST_F(ClusterIdentity, ChangesWhenTheClusterIsReplaced) {
    auto const login = call("POST", "/login", R"({"username":"admin","password":"admin"})", "");
    auto const cookie = "sessionID=" + field(login, "sessionID");
    ASSERT_EQ(call("GET", "/Cluster", "", "", cookie).status, 200);
    auto const renamed = visit("POST", "/sim/cluster", R"({"clusterName":"hq"})");
    EXPECT_EQ(field(renamed, "clusterName"), "hq");
    EXPECT_EQ(call("GET", "/Cluster", "", "", cookie).status, 200) << "only its name is new";
    visit("POST", "/sim/cluster", R"({"uuid":"another","icosVersion":"9.6.1.2"})");
    EXPECT_EQ(call("GET", "/Cluster", "", "", cookie).status, 401) << "another cluster does not know the session";
    auto const cluster = call("GET", "/Cluster");
    EXPECT_EQ(shown(cluster, "uuid"), "another");
    EXPECT_EQ(shown(cluster, "clusterName"), "hq");
    EXPECT_EQ(shown(cluster, "icosVersion"), "9.6.1.2");
}

class Updates : public ServerTest {
protected:
    json::Document status() { return json::Document::parse(visit("GET", status_file).body).value(); }
    bool condition() {
        auto const document = json::Document::parse(call("GET", "/Condition/updateInProgress").body);
        return document && document->root().at(0)["value"].boolean().value_or(false);
    }
};

TEST_F(Updates, NoneIsInProgressByDefaultAndNoLoginIsNeeded) {
    auto const document = status();
    EXPECT_EQ(document.root()["prepareStatus"]["state"].text(), "COMPLETE");
    EXPECT_EQ(document.root()["updateStatus"]["masterState"].text(), "COMPLETE");
    EXPECT_EQ(document.root()["updateStatus"]["percent"].text(), "100") << "a text";
    EXPECT_FALSE(condition());
}

TEST_F(Updates, TheFileDoesNotExistBeforeTheFirstOne) {
    EXPECT_EQ(visit("POST", "/sim/update", R"({"phase":"never"})").status, 200);
    auto const missing = visit("GET", status_file);
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.content_type, "text/html");
}

TEST_F(Updates, WhileOneIsPreparedThereIsNoMasterState) {
    visit("POST", "/sim/update", R"({"phase":"prepare","percent":7,"prepareState":"DOWNLOAD BUNDLE"})");
    auto const document = status();
    EXPECT_EQ(document.root()["prepareStatus"]["state"].text(), "DOWNLOAD BUNDLE");
    EXPECT_FALSE(document.root()["updateStatus"]["masterState"].exists());
    EXPECT_EQ(document.root()["updateStatus"]["percent"].text(), "7");
    EXPECT_TRUE(condition());
}

TEST_F(Updates, WhileOneIsAppliedTwoWordsAlternate) {
    visit("POST", "/sim/update", R"({"phase":"apply","percent":55,"toVersion":"9.8.4.227597"})");
    std::vector<std::string> words;
    for (int i = 0; i < 3; ++i) words.push_back(status().root()["updateStatus"]["masterState"].text());
    EXPECT_THAT(words, ElementsAre("EXECUTING", "IN PROGRESS", "EXECUTING"));
    EXPECT_EQ(status().root()["prepareStatus"]["state"].text(), "COMPLETE") << "already";
    EXPECT_EQ(status().root()["updateStatus"]["toBuild"].text(), "227597");
    EXPECT_TRUE(condition());
    visit("POST", "/sim/update", R"({"phase":"complete"})");
    EXPECT_EQ(status().root()["updateStatus"]["masterState"].text(), "COMPLETE");
    EXPECT_FALSE(condition());
}

TEST_F(Updates, TheStateOfThePreparationCanBeAText) {
    visit("POST", "/sim/update", R"({"phase":"apply","prepareStatusAsText":true})");
    EXPECT_EQ(status().root()["prepareStatus"].text(), "COMPLETE");
}

TEST_F(Updates, AnUnknownPhaseIsRefusedAndChangesNothing) {
    auto const refused = visit("POST", "/sim/update", R"({"phase":"soon"})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("soon"));
    EXPECT_EQ(visit("POST", "/sim/update").status, 400);
    EXPECT_THAT(visit("GET", status_file).body, Not(HasSubstr("IN PROGRESS")));
    EXPECT_FALSE(condition());
}

}  // namespace
}  // namespace sb::sim
