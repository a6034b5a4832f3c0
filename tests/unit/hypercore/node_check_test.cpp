#include "daemon/hypercore/node_check.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using hypercore::parse_http_date;
using hypercore::rights_of;
using testing::ElementsAre;

TEST(NodeCheck, ReadsTheDateOfAReply) {
    // RFC 9110, 5.6.7: its own example, 784111777 seconds after 1970.
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), UtcTime{Milliseconds{784'111'777'000}});
    EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT"), UtcTime{Milliseconds{1'709'164'800'000}});
}

TEST(NodeCheck, AnInvalidDateIsUnknown) {
    for (auto const* text :
         {"", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 30 Feb 2024 00:00:00 GMT",
          "Sun, 06 Now 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"})
        EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

TEST(NodeCheck, TheRightsOfAUserAreThoseOfItsRoles) {
    auto const users = R"([{"username":"admin","roleUUIDs":["r1"]},{"username":"svc","roleUUIDs":["r2","gone"]}])";
    auto const roles = R"([{"uuid":"r1","name":"Admin","permissions":[{"functionName":"*"}]},
                           {"uuid":"r2","name":"Backup","permissions":[{"functionName":"Cluster Read"},
                             {"functionName":"Backup"}]}])";
    auto const rights = rights_of(users, roles, "svc");
    ASSERT_TRUE(rights);
    EXPECT_THAT(rights->roles, ElementsAre("Backup"));
    EXPECT_THAT(rights->functions, ElementsAre("Cluster Read", "Backup"));
    EXPECT_EQ(rights_of(users, roles, "nobody").error().code, Errc::not_found);
    EXPECT_EQ(rights_of("{", roles, "svc").error().code, Errc::malformed);
    EXPECT_EQ(rights_of("{}", "[]", "svc").error().code, Errc::not_found) << "not a list: nobody is in it";
}

TEST(NodeCheck, ManyRolesAreReadOnceAndFewAreKept) {
    std::string roles = "[", mine = "[";
    for (int i = 0; i < 20'000; ++i) {
        auto const uuid = "\"r" + std::to_string(i) + "\"";
        mine += (i == 0 ? "" : ",") + uuid;
        roles += (i == 0 ? "" : ",") + (R"({"uuid":)" + uuid) +
                 R"(,"name":"a\nb","permissions":[{"functionName":"f"},{"functionName":"g"}]})";
    }
    auto const rights = rights_of(R"([{"username":"svc","roleUUIDs":)" + mine + "]}]", roles + "]", "svc");
    ASSERT_TRUE(rights);
    EXPECT_EQ(rights->roles.size(), 100u);
    EXPECT_EQ(rights->roles.front(), "a b");
    EXPECT_LE(rights->functions.size(), 1000u);
}

}  // namespace
}  // namespace sb::test
