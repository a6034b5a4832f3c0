#include "daemon/hypercore/reply.hpp"

#include <gtest/gtest.h>

namespace sb::hypercore {
namespace {

net::HttpReply reply(unsigned status, std::string body, std::string type = "application/json") {
    return net::HttpReply{status, std::move(type), "", std::move(body)};
}

Error get_error(net::HttpReply const& r) { return error_from(r, net::Method::get, Scrubber()); }
Error post_error(net::HttpReply const& r) { return error_from(r, net::Method::post, Scrubber()); }

TEST(ClusterErrors, StatusDecidesBeforeTheBody) {
    auto const body = R"({"error":"as told"})";
    EXPECT_EQ(get_error(reply(401, body)).code, Errc::credentials_refused);
    EXPECT_EQ(get_error(reply(403, body)).code, Errc::forbidden);
    EXPECT_EQ(get_error(reply(400, body)).code, Errc::rejected);
    EXPECT_EQ(get_error(reply(405, body)).code, Errc::rejected);
    EXPECT_EQ(get_error(reply(500, body)).code, Errc::unavailable) << "asking again costs nothing";
    EXPECT_EQ(get_error(reply(429, body)).code, Errc::unavailable);
    EXPECT_EQ(get_error(reply(302, body)).code, Errc::rejected);
    EXPECT_EQ(get_error(reply(502, body)).code, Errc::unavailable);
    EXPECT_EQ(get_error(reply(503, body)).code, Errc::unavailable);
    EXPECT_EQ(get_error(reply(504, body)).code, Errc::unavailable);
    EXPECT_EQ(get_error(reply(401, "[]")).code, Errc::credentials_refused) << "a body that looks like success";
}

TEST(ClusterErrors, A503AboutTheSessionIsAFailedLogin) {
    auto const session = reply(503, R"({"error":"Invalid session"})");
    EXPECT_EQ(get_error(session).code, Errc::credentials_refused);
    EXPECT_EQ(post_error(session).code, Errc::credentials_refused);
}

TEST(ClusterErrors, AChangingCallThatAGatewayAnswersMayHaveBeenExecuted) {
    for (unsigned const status : {502u, 503u, 504u}) {
        EXPECT_EQ(post_error(reply(status, "<html>Bad Gateway</html>", "text/html")).code, Errc::outcome_unknown);
    }
    EXPECT_EQ(post_error(reply(500, R"({"error":"An internal error occurred"})")).code, Errc::maybe_rejected);
}

TEST(ClusterErrors, OverloadIsARefusalThatIsWorthAnotherTry) {
    auto const busy = R"({"error":"TOO many Requests, please try again later"})";
    for (auto const& refusal : {reply(429, ""), reply(400, busy), reply(400, "Too many requests", "text/plain"),
                                reply(400, "<html><h1>Too many\n requests</h1></html>", "text/html")}) {
        EXPECT_TRUE(is_overload(refusal)) << refusal.body;
        for (auto const method : {net::Method::get, net::Method::post, net::Method::put})
            EXPECT_EQ(error_from(refusal, method, Scrubber()).code, Errc::unavailable) << refusal.body;
    }
    EXPECT_NE(post_error(reply(400, busy)).context.find("400: TOO many Requests, please try again later (it is over"),
              std::string::npos);
}

TEST(ClusterErrors, AGatewaysOrAnotherReplyIsNotAnOverloadThatWasSurelyNotExecuted) {
    auto const busy = R"({"error":"Too many requests"})";
    EXPECT_FALSE(is_overload(reply(503, busy)));
    EXPECT_FALSE(is_overload(reply(500, busy)));
    EXPECT_FALSE(is_overload(reply(400, R"({"error":"too many disks requested"})")));
    EXPECT_EQ(post_error(reply(503, busy)).code, Errc::outcome_unknown);
    EXPECT_EQ(get_error(reply(503, busy)).code, Errc::unavailable);
}

TEST(ClusterErrors, TheClustersOwnWordsReachTheUser) {
    EXPECT_NE(get_error(reply(500, R"({"error":"An internal error occurred"})")).context.find("500: An internal error"),
              std::string::npos);
    auto const plain =
        reply(400, "Request has one or more errors\n  - path: /target\n\t  Property not allowed", "text/plain");
    EXPECT_NE(get_error(plain).context.find("Request has one or more errors - path: /target Property not allowed"),
              std::string::npos);
}

TEST(ClusterErrors, APageIsReadWithoutItsTags) {
    auto const page = reply(502,
                            "<html>\r\n<head><title>502 Bad Gateway</title><style>b{color:red}</style></head>\r\n<body>"
                            "<center><h1>502 Bad Gateway</h1></center><hr>nginx &amp; friends</body></html>",
                            "text/html");
    EXPECT_EQ(text_of(page, Scrubber()), "502 Bad Gateway nginx & friends");
    EXPECT_EQ(text_of(reply(404, "<title>Gone</title>", ""), Scrubber()), "Gone");
    EXPECT_EQ(text_of(reply(500, "<unfinished", "text/html"), Scrubber()), "");
}

TEST(ClusterErrors, LongTextIsCutBetweenCharacters) {
    std::string text = "x";
    for (int i = 0; i < 1000; ++i) text += "ü";
    auto const words = text_of(reply(400, text, "text/plain"), Scrubber());
    EXPECT_LT(words.size(), 310u);
    EXPECT_EQ(words.substr(words.size() - 6), "ü …");
}

TEST(ClusterErrors, NoPasswordInAnyOfThem) {
    std::string const password = "s\"ecr<et &x/";
    std::vector<Secret> secrets;
    secrets.emplace_back(password);
    Scrubber const scrub(std::move(secrets));
    for (auto const& body :
         {R"({"error":"bad URI smb://u:s\"ecr<et &x/@h/s, login s\"ecr<et &x/"})",
          "<html>no login with s&quot;ecr&lt;et &amp;x/ at smb://u:s%22ecr%3Cet%20%26x%2F@h/s</html>"}) {
        auto const error = error_from(reply(400, body), net::Method::post, scrub);
        EXPECT_EQ(error.context.find("ecr"), std::string::npos) << error.context;
        EXPECT_NE(error.context.find("***"), std::string::npos) << error.context;
    }
}

TEST(ClusterErrors, NoPasswordInAnyOfThemAsTheLoginOfARequestOrOtherwiseEncoded) {
    std::vector<Secret> secrets;
    secrets.emplace_back("P@ssword");
    Scrubber const scrub(std::move(secrets));
    for (std::string const spelled :
         {"Basic YWRtaW46UEBzc3dvcmQ=", "UEBzc3dvcmQ", "UEBzc3dv&#99;mQ&#61;", "50407373776F7264", "P\\u0040ssword",
          "P%2540ssword", "P=40ssword", "\\x50@ssword"}) {
        for (auto const& body : {R"({"error":"refused: )" + spelled + R"("})",
                                 "<html><p>refused: " + spelled + "</p></html>", "refused: " + spelled}) {
            auto const error = error_from(reply(400, body), net::Method::post, scrub).context;
            EXPECT_NE(error.find("refused: "), std::string::npos) << error;
            EXPECT_NE(error.find("***"), std::string::npos) << error;
            for (auto const* part : {"UEBz", "c3dv", "word", "7264", "ssw"})
                EXPECT_EQ(error.find(part), std::string::npos) << error;
        }
    }
}

TEST(ClusterErrors, ARedirectSaysWhereTo) {
    auto r = reply(301, "");
    r.location = "https://login.example.org/";
    EXPECT_NE(get_error(r).context.find("https://login.example.org/"), std::string::npos);
}

TEST(ClusterErrors, OfALongTextOnlyTheBeginningIsRead) {
    auto const words = text_of(reply(500, "first words " + std::string(1'000'000, 'x'), "text/plain"), Scrubber());
    EXPECT_TRUE(words.starts_with("first words xxx") && words.size() < 310) << words;
    std::string const spaces(1'000'000, ' ');
    EXPECT_EQ(text_of(reply(500, "first words" + spaces + "last", "text/plain"), Scrubber()), "first …")
        << "the last word may be a part of one";
    EXPECT_EQ(text_of(reply(500, spaces, "text/plain"), Scrubber()), "(1000000 bytes)");
    EXPECT_EQ(text_of(reply(500, R"({"error":")" + spaces.substr(0, 40'000) + R"(no"})"), Scrubber()), "");
}

TEST(ClusterErrors, ASecretAtTheEndOfWhatIsReadStaysHidden) {
    std::vector<Secret> secrets;
    secrets.emplace_back("geheim!");
    Scrubber const scrub(std::move(secrets));
    for (std::size_t before = 8150; before < 8200; ++before) {
        auto const page = "<p>" + std::string(before - 20, ' ') + "words geheim! more words" + std::string(9000, ' ');
        auto const words = text_of(reply(500, page, "text/html"), scrub);
        EXPECT_EQ(words.find("ge"), std::string::npos) << before << ": " << words;
    }
}

TEST(ClusterErrors, PagesOfManyTagsOrEntitiesAreRead) {
    std::string tags, entities;
    for (int i = 0; i < 1000; ++i) {
        tags += "<title>";
        entities += "&amp;";
    }
    EXPECT_EQ(text_of(reply(500, tags + "x</title>y", "text/html"), Scrubber()), "x y");
    EXPECT_EQ(text_of(reply(500, "<p>" + entities, "text/html"), Scrubber()), std::string(300, '&') + " …");
}

TEST(ClusterErrors, OurWordsCannotBeMovedByMarksInTheirs) {
    auto const error = get_error(reply(500, R"({"error":"a\u202eb\u2028c\u009bd"})"));
    EXPECT_NE(error.context.find("a\uFFFDb c\uFFFDd"), std::string::npos) << error.context;
}

TEST(ParseReply, RefusesWhatWouldTakeFarMoreMemoryThanItsLength) {
    std::string body = "[{}";
    for (int i = 0; i < 600'000; ++i) body += ",{}";
    auto const document = parse_reply(body + "]");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, Errc::malformed);
    EXPECT_NE(document.error().context.find("more than 1000000 values"), std::string::npos);
    EXPECT_TRUE(parse_reply("[\"" + std::string(2'000'000, ',') + "\\\"[{,\"]")) << "text is not counted";
}

}  // namespace
}  // namespace sb::hypercore
