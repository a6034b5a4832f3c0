#include "common/rpc/framing.hpp"
#include "common/rpc/message.hpp"

#include <gtest/gtest.h>

namespace sb::rpc {
namespace {

TEST(Message, EveryErrorComesBackAsItWas) {
    for (int i = static_cast<int>(Errc::cancelled); i <= static_cast<int>(Errc::internal); ++i) {
        Error const error{static_cast<Errc>(i), "why \"so\"\n"};
        auto const line = parse_server_line(error_text("7", fault_of(error)));
        ASSERT_TRUE(line);
        auto const& response = std::get<Response>(line->message);
        EXPECT_EQ(response.id, 7U);
        ASSERT_FALSE(response.result);
        EXPECT_EQ(response.result.error(), error);
    }
}

TEST(Message, AnErrorOfANewerDaemonIsUnderstoodByItsCode) {
    EXPECT_EQ(error_of({invalid_params_code, "x", "brand_new"}).code, Errc::invalid_params);
    EXPECT_EQ(error_of({-999, "x", "brand_new"}).code, Errc::internal);
    EXPECT_EQ(error_of({-999, "", ""}).context, "error -999");
}

TEST(Message, ARequestIsReadAsItWasWritten) {
    auto const request = parse_request_line(request_text(3, "jobs.cancel", R"({"job":5})"));
    ASSERT_EQ(request.calls.size(), 1U);
    auto const& call = std::get<Call>(request.calls.front());
    EXPECT_EQ(call.id, "3");
    EXPECT_EQ(call.method, "jobs.cancel");
    EXPECT_EQ(call.params["job"].integer(), 5);
}

TEST(Message, WhatIsNotAnAnswerIsMalformed) {
    for (std::string_view const line :
         {"", "SSH-2.0-x", "{}", R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"error":{}})"}) {
        auto const parsed = parse_server_line(line);
        ASSERT_FALSE(parsed) << line;
        EXPECT_EQ(parsed.error().code, Errc::malformed);
    }
}

TEST(Framing, LinesDoNotDependOnHowTheBytesArrive) {
    std::string const text = "one\ntwo\r\n\nfour";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        LineSplitter lines{10};
        std::vector<std::string> got;
        for (std::size_t at = 0; at < text.size(); at += step) {
            lines.feed(std::string_view(text).substr(at, step));
            while (auto line = lines.next_line()) got.push_back(*line);
        }
        EXPECT_EQ(got, (std::vector<std::string>{"one", "two", ""}));
        EXPECT_EQ(lines.take_rest(), "four");
    }
}

TEST(Framing, KnowsWhetherTheBeginningOfALineIsLeft) {
    LineSplitter lines{10};
    EXPECT_TRUE(lines.is_empty());
    lines.feed("one\ntw");
    EXPECT_FALSE(lines.is_empty());
    EXPECT_EQ(lines.next_line(), "one");
    EXPECT_EQ(lines.next_line(), std::nullopt);
    EXPECT_FALSE(lines.is_empty());
    lines.feed("o\n");
    EXPECT_EQ(lines.next_line(), "two");
    EXPECT_TRUE(lines.is_empty());
}

TEST(Framing, ALineOverTheLimitIsKnownBeforeItsEnd) {
    LineSplitter lines{4};
    lines.feed("1234\n");
    EXPECT_EQ(lines.next_line(), "1234");
    lines.feed("12345");
    EXPECT_EQ(lines.next_line(), std::nullopt);
    EXPECT_TRUE(lines.too_long());
}

}  // namespace
}  // namespace sb::rpc
