// The Date header of every response, and the responses of a cluster with too much to do.
#include "simulator/tests/unit/server_fixture.hpp"

namespace sb::sim {
namespace {

using test::ServerTest;
using testing::HasSubstr;

class Dates : public ServerTest {
protected:
    std::string date() { return header(call("GET", "/VirDomain"), "Date"); }
};

TEST(HttpDate, HasTheFormOfTheStandard) {
    EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(http_date(1709251199), "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST_F(Dates, FollowTheClock) {
    EXPECT_EQ(date(), "Thu, 01 Jan 1970 00:16:40 GMT");
    unix_seconds += 86400;
    EXPECT_EQ(date(), "Fri, 02 Jan 1970 00:16:40 GMT");
}

TEST_F(Dates, FollowAClockThatIsSetWrong) {
    sim.shift_clock = [this](std::int64_t seconds) { unix_seconds = 1000 + seconds; };
    EXPECT_EQ(visit("POST", "/sim/clock", R"({"seconds":-600})").status, 200);
    EXPECT_EQ(date(), "Thu, 01 Jan 1970 00:06:40 GMT");
    EXPECT_EQ(visit("POST", "/sim/clock", "{}").status, 400);
    visit("POST", "/sim/clock", R"({"seconds":0})");
    EXPECT_EQ(date(), "Thu, 01 Jan 1970 00:16:40 GMT");
}

TEST_F(Dates, ArePartOfRefusalsToo) {
    EXPECT_NE(header(call("GET", "/VirDomain", "", ""), "Date"), "") << "401";
    EXPECT_NE(header(call("GET", "/Nonsense"), "Date"), "") << "404";
    fault(R"({"kind":"html_502","match":{"call":"ping"}})");
    EXPECT_NE(header(call("GET", "/ping"), "Date"), "") << "502";
}

TEST_F(Dates, AreInALateResponse) {
    Delivery delivery;
    server.finish(delivery, json_answer("{}"));
    EXPECT_EQ(header(delivery.response, "Date"), "Thu, 01 Jan 1970 00:16:40 GMT");
}

TEST_F(Dates, CanBeOffWhileTheJsonIsRight) {
    fault(R"({"kind":"date_skew","seconds":-400})");
    auto const response = call("GET", "/VirDomain/" + vm().uuid);
    EXPECT_EQ(header(response, "Date"), "Thu, 01 Jan 1970 00:10:00 GMT");
    auto const document = json::Document::parse(response.body);
    EXPECT_EQ(document->root().at(0)["created"].integer(), vm().created);
}

TEST_F(Dates, AreOffTogetherWithTheJsonWhenTheWholeClockIs) {
    vm().created = 500;
    fault(R"({"kind":"skew","seconds":3600})");
    auto const response = call("GET", "/VirDomain/" + vm().uuid);
    EXPECT_EQ(header(response, "Date"), "Thu, 01 Jan 1970 01:16:40 GMT");
    auto const document = json::Document::parse(response.body);
    EXPECT_EQ(document->root().at(0)["created"].integer(), 500 + 3600);
}

TEST_F(Dates, CanBeMissingOrInvalid) {
    fault(R"([{"kind":"date_missing","match":{"nth":1}},{"kind":"date_invalid","match":{"nth":2}},
              {"kind":"date_invalid","text":"Sun, 99 Foo 1994","match":{"nth":3}}])");
    for (auto const& [name, value] : call("GET", "/VirDomain").headers) EXPECT_NE(name, "Date") << value;
    EXPECT_EQ(date(), "yesterday");
    EXPECT_EQ(date(), "Sun, 99 Foo 1994");
    EXPECT_EQ(date(), "Thu, 01 Jan 1970 00:16:40 GMT");
}

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
