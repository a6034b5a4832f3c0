// The responses of a cluster with too much to do.
#include "simulator/tests/unit/server_fixture.hpp"

namespace sb::sim {
namespace {

using test::ServerTest;
using testing::HasSubstr;

class Overload : public ServerTest {};

TEST_F(Overload, IsTooManyRequestsWithoutATimeToWait) {
    fault(R"({"kind":"overload","match":{"call":"vm_list","count":2}})");
    for (int i = 0; i < 2; ++i) {
        auto const refused = call("GET", "/VirDomain");
        EXPECT_EQ(refused.status, 429);
        EXPECT_THAT(field(refused, "error"), HasSubstr("Too many requests"));
        EXPECT_EQ(header(refused, "Retry-After"), "");
    }
    EXPECT_EQ(call("GET", "/VirDomain").status, 200) << "limited by count";
    EXPECT_EQ(reason_of(429), "Too Many Requests");
}

TEST_F(Overload, CanNameATimeToWait) {
    fault(R"({"kind":"overload","status":429,"seconds":7})");
    EXPECT_EQ(header(call("GET", "/VirDomain"), "Retry-After"), "7");
}

TEST_F(Overload, CanBeABadRequestAsTheVendorsClientsKnowIt) {
    fault(R"({"kind":"overload","status":400,"match":{"call":"export","count":1}})");
    auto const order = R"({"target":{"pathURI":"smb://u:p@h/s/f"}})";
    auto const refused = call("POST", "/VirDomain/" + vm().uuid + "/export", order);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.content_type, "application/json");
    EXPECT_THAT(field(refused, "error"), HasSubstr("Too many requests"));
    EXPECT_EQ(sim.desk.running(), 0U) << "not executed";
    EXPECT_EQ(call("POST", "/VirDomain/" + vm().uuid + "/export", order).status, 200);
}

TEST_F(Overload, Of503IsNotAboutTheSession) {
    fault(R"([{"kind":"overload","status":503,"seconds":2,"match":{"nth":1}},
              {"kind":"overload","status":503,"text":"busy","match":{"nth":2}}])");
    auto const refused = call("GET", "/VirDomain");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(field(refused, "error"), "Service temporarily unavailable");
    EXPECT_EQ(header(refused, "Retry-After"), "2");
    EXPECT_EQ(field(call("GET", "/VirDomain"), "error"), "busy");
}

}  // namespace
}  // namespace sb::sim
