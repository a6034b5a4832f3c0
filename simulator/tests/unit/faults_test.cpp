#include "simulator/faults/fault.hpp"

#include "simulator/api/server.hpp"

#include <gmock/gmock.h>

namespace sb::sim {
namespace {

Result<std::vector<std::string>> add(FaultPlan& plan, std::string_view text) {
    auto const document = json::Document::parse(text);
    return plan.add(document->root());
}

std::size_t injected(FaultPlan& plan, FaultContext const& context, FaultStage stage = FaultStage::request) {
    return plan.inject(stage, context).size();
}

Response altered(std::string_view fault, std::string body) {
    FaultPlan plan;
    EXPECT_TRUE(add(plan, fault));
    Response response;
    response.body = std::move(body);
    alter(response, plan.inject(FaultStage::request, {}));
    return response;
}

TEST(Faults, ApplyByMethodPathCallAndVm) {
    FaultPlan plan;
    ASSERT_TRUE(add(plan, R"({"kind":"hang","match":{"method":"POST","path":"/export$","call":"export","vm":"A"}})"));
    EXPECT_EQ(injected(plan, {"POST", "/rest/v1/VirDomain/u/export", "export", "A", "u"}), 1U);
    EXPECT_EQ(injected(plan, {"GET", "/rest/v1/VirDomain/u/export", "export", "A", "u"}), 0U);
    EXPECT_EQ(injected(plan, {"POST", "/rest/v1/VirDomain/u/clone", "export", "A", "u"}), 0U);
    EXPECT_EQ(injected(plan, {"POST", "/rest/v1/VirDomain/u/export", "export", "B", "u"}), 0U);
}

TEST(Faults, CountAfterAndNth) {
    FaultPlan plan;
    ASSERT_TRUE(add(plan, R"([{"kind":"close","match":{"after":1,"count":2}},{"kind":"reset","match":{"nth":2}}])"));
    EXPECT_EQ(injected(plan, {}), 0U);
    EXPECT_EQ(injected(plan, {}), 2U);
    EXPECT_EQ(injected(plan, {}), 1U);
    EXPECT_EQ(injected(plan, {}), 0U);
}

TEST(Faults, AConnectionFaultDoesNotApplyToARequest) {
    FaultPlan plan;
    ASSERT_TRUE(add(plan, R"({"kind":"tls_abort"})"));
    EXPECT_EQ(injected(plan, {}), 0U);
    EXPECT_EQ(injected(plan, {}, FaultStage::connection), 1U);
}

TEST(Faults, AnInvalidOneAddsNone) {
    FaultPlan plan;
    EXPECT_FALSE(add(plan, R"([{"kind":"hang"},{"kind":"earthquake"}])"));
    EXPECT_FALSE(add(plan, R"({"kind":"hang","match":{"path":"("}})"));
    EXPECT_EQ(injected(plan, {}), 0U);
}

TEST(Faults, FrozenTasksNeverShowTheirEnd) {
    auto const* fault = R"({"kind":"task_frozen","percent":42})";
    EXPECT_EQ(altered(fault, R"([{"progressPercent":100,"state":"COMPLETE","completed":9}])").body,
              R"([{"progressPercent":42,"state":"RUNNING","completed":0}])");
    EXPECT_EQ(altered(fault, R"([{"progressPercent":10,"state":"RUNNING"}])").body,
              R"([{"progressPercent":10,"state":"RUNNING"}])");
}

TEST(Faults, ProgressGoesBackHoweverFastTheTransferIs) {
    FaultPlan plan;
    ASSERT_TRUE(add(plan, R"({"kind":"task_backwards"})"));
    std::vector<std::string> shown;
    for (char const* real : {"18", "36", "73"}) {
        Response response;
        response.body = R"([{"state":"RUNNING","progressPercent":)" + std::string(real) + "}]";
        alter(response, plan.inject(FaultStage::request, {}));
        shown.push_back(json::Document::parse(response.body)->root().at(0)["progressPercent"].dump());
    }
    EXPECT_THAT(shown, testing::ElementsAre("90", "80", "70"));
}

TEST(Faults, ShowAnyState) {
    EXPECT_EQ(altered(R"({"kind":"task_state","text":"UNINITIALIZED"})", R"([{"state":"RUNNING"}])").body,
              R"([{"state":"UNINITIALIZED"}])");
}

TEST(Faults, CorruptBodies) {
    EXPECT_EQ(altered(R"({"kind":"empty_list"})", "[1]").body, "[]");
    EXPECT_EQ(altered(R"({"kind":"not_an_array"})", R"([{"a":1}])").body, R"({"a":1})");
    EXPECT_EQ(altered(R"({"kind":"duplicate"})", "[1,2]").body, "[1,1,2]");
    EXPECT_EQ(altered(R"({"kind":"wrong_types"})", R"({"a":1,"b":["c"]})").body, R"({"a":"forty-two","b":[42]})");
    EXPECT_EQ(altered(R"({"kind":"truncated_json"})", "[1,2]").body, "[1");
    EXPECT_EQ(altered(R"({"kind":"oversize","bytes":10})", "[]").body.size(), 10U);
}

TEST(Faults, DropAMemberAtAnyDepth) {
    EXPECT_EQ(altered(R"({"kind":"member_missing","text":"a"})", R"([{"a":1,"b":{"a":[2],"c":3}},4])").body,
              R"([{"b":{"c":3}},4])");
}

TEST(Faults, ReplaceTheResponse) {
    FaultPlan plan;
    ASSERT_TRUE(add(plan, R"({"kind":"status","status":403,"body":{"error":"no"}})"));
    auto const response = replacement(plan.inject(FaultStage::request, {}));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 403);
    EXPECT_EQ(response->body, R"({"error":"no"})");
}

}  // namespace
}  // namespace sb::sim
