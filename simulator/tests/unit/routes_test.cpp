#include "simulator/api/message.hpp"
#include "simulator/api/routes.hpp"

#include <gmock/gmock.h>

namespace sb::sim {
namespace {

std::string_view call_of(std::string_view method, std::string_view path) {
    auto const match = find_route(method, path);
    return match.route ? match.route->call : "";
}

TEST(Routes, ImportAndActionAreNotVms) {
    EXPECT_EQ(call_of("POST", "/rest/v1/VirDomain/import"), "import");
    EXPECT_EQ(call_of("POST", "/rest/v1/VirDomain/action"), "vm_action");
    EXPECT_EQ(call_of("POST", "/rest/v1/VirDomain/0e1f"), "vm_replace");
}

TEST(Routes, ReturnTheValuesOfTheBraces) {
    auto const match = find_route("POST", "/rest/v1/VirDomain/0e1f/export");
    ASSERT_NE(match.route, nullptr);
    EXPECT_EQ(match.route->call, "export");
    EXPECT_THAT(match.parameters, testing::ElementsAre("0e1f"));
}

TEST(Routes, DistinguishAnUnknownPathFromAWrongMethod) {
    EXPECT_FALSE(find_route("GET", "/rest/v2/VirDomain").path_known);
    EXPECT_FALSE(find_route("GET", "/rest/v1/VirDomain/a/b/c").path_known);
    auto const patched = find_route("PATCH", "/rest/v1/VirDomainSnapshot/x");
    EXPECT_TRUE(patched.path_known);
    EXPECT_EQ(patched.route, nullptr);
}

TEST(RequestTarget, AnEmptyUuidRequestsTheWholeList) {
    Request request;
    read_target(request, "/rest/v1/VirDomain/");
    EXPECT_EQ(request.path, "/rest/v1/VirDomain");
}

TEST(RequestTarget, DecodesTheQuery) {
    Request request;
    read_target(request, "/rest/v1/VirtualDisk/upload?filename=a%20b.img&filesize=7&flag");
    EXPECT_EQ(request.path, "/rest/v1/VirtualDisk/upload");
    EXPECT_EQ(request.query["filename"], "a b.img");
    EXPECT_EQ(request.query["filesize"], "7");
    EXPECT_TRUE(request.query.contains("flag"));
}

TEST(Base64, DecodesUpToThePadding) {
    EXPECT_EQ(base64_decoded("YWRtaW46cMOk"), "admin:p\xc3\xa4");
    EXPECT_EQ(base64_decoded("YQ=="), "a");
}

}  // namespace
}  // namespace sb::sim
