#include "daemon/hypercore/status_codec.hpp"

#include <gtest/gtest.h>

namespace sb::hypercore {
namespace {

TEST(StatusCodec, TheUuidIsWrittenInOneWay) {
    auto const identity = decode_identity(
        R"([{"uuid":" 6D1E0F7C-2F0F-4A4D-B0A2-0B8A5C8D1E22 ","clusterName":"HQ","icosVersion":"9.4.30.217736"}])");
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->uuid, "6d1e0f7c-2f0f-4a4d-b0a2-0b8a5c8d1e22");
    EXPECT_EQ(identity->name, "HQ");
    EXPECT_EQ(decode_identity(R"({"uuid":"u-1"})")->uuid, "u-1") << "an object instead of a list";
}

TEST(StatusCodec, WhatIsNotOneClearUuidIsUnknown) {
    for (auto const* body :
         {"[]", "{}", "[null]", "[7]", R"([{"clusterName":"HQ"}])", R"([{"uuid":null}])", R"([{"uuid":""}])",
          R"([{"uuid":12}])", R"([{"uuid":["u"]}])", R"([{"uuid":"00000000-0000-0000-0000-000000000000"}])",
          R"([{"uuid":"not one"}])", R"([{"uuid":"u\n1"}])", R"([{"uuid":"a"},{"uuid":"b"}])", R"({"error":"no"})"}) {
        auto const identity = decode_identity(body);
        ASSERT_TRUE(identity) << body;
        EXPECT_EQ(identity->uuid, "") << body;
    }
    EXPECT_EQ(decode_identity(R"([{"uuid":")" + std::string(65, 'a') + R"("}])")->uuid, "");
    EXPECT_EQ(decode_identity(R"([{"clusterName":"HQ"}])")->name, "HQ") << "the name is for people in any case";
}

TEST(StatusCodec, WhatIsNotAClusterAtAllIsMalformed) {
    for (auto const* body : {"", "<html>", "[{", "null", "true", "\"HQ\""})
        EXPECT_EQ(decode_identity(body).error().code, Errc::malformed) << body;
}

TEST(StatusCodec, KnownWordsMeanAnUpdate) {
    for (auto const* body : {R"({"prepareStatus":{"state":"COMPLETE"},"updateStatus":{"masterState":"EXECUTING"}})",
                             R"({"prepareStatus":{"state":"COMPLETE"},"updateStatus":{"masterState":"IN PROGRESS"}})",
                             R"({"updateStatus":{"masterState":"in_progress","percent":"40"}})",
                             R"({"prepareStatus":{"state":"DOWNLOAD RPMS"},"updateStatus":{}})",
                             R"({"prepareStatus":"DOWNLOAD BUNDLE"})", R"({"prepareStatus":{"state":"EXECUTING"}})",
                             R"({"prepareStatus":"COMPLETE","updateStatus":{"masterState":"EXECUTING"}})"})
        EXPECT_TRUE(decode_update_in_progress(body)) << body;
}

TEST(StatusCodec, AnythingElseIsNoUpdate) {
    for (auto const* body :
         {R"({"prepareStatus":{"state":"COMPLETE"},"updateStatus":{"masterState":"COMPLETE"}})",
          R"({"prepareStatus":"COMPLETE","updateStatus":{"masterState":"COMPLETE"}})",
          R"({"prepareStatus":{"state":"ERROR"},"updateStatus":{"masterState":"FAILED"}})",
          R"({"prepareStatus":{"state":"idle"},"updateStatus":{"masterState":"unheard of"}})",
          R"({"prepareStatus":7,"updateStatus":"EXECUTING"})", R"({"updateStatus":{"masterState":["EXECUTING"]}})",
          R"([{"updateStatus":{"masterState":"EXECUTING"}}])", "{}", "[]", "null", "", "{", "<html>Not Found</html>"})
        EXPECT_FALSE(decode_update_in_progress(body)) << body;
}

}  // namespace
}  // namespace sb::hypercore
