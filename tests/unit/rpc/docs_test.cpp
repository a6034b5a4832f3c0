// What docs/json-rpc.md shows goes through the codec: requests on the daemon's side, answers on the client's.
#include "common/rpc/codec.hpp"
#include "common/rpc/message.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

namespace sb::rpc {
namespace {

struct Check {
    std::string (*params)(json::View);
    std::string (*reply)(json::View);
};

template <class T>
std::string problem(Result<T> const& decoded) {
    return decoded ? std::string() : decoded.error().context;
}

template <class Method>
std::pair<std::string const, Check> check() {
    return {std::string(Method::name),
            {[](json::View v) { return problem(decode<typename Method::Params>(v)); },
             [](json::View v) { return problem(decode_reply<typename Method::Reply>(v)); }}};
}

TEST(JsonRpcPage, ShowsEveryMethodAsItIs) {
    std::map<std::string, Check> const methods{check<Version>(),        check<Status>(),
                                               check<ListVms>(),        check<ListBackups>(),
                                               check<ListJobs>(),       check<StartBackup>(),
                                               check<StartRestore>(),   check<CancelJob>(),
                                               check<SubscribeJobs>(),  check<StartRun>(),
                                               check<GetRun>(),         check<ListRuns>(),
                                               check<ShowQueue>(),      check<Why>(),
                                               check<Forecast>(),       check<Pause>(),
                                               check<Prune>(),          check<ShowRetention>(),
                                               check<Protect>(),        check<TestMail>(),
                                               check<Reload>(),         check<CheckHealth>(),
                                               check<StartVerify>(),    check<ShowDisks>(),
                                               check<CloneDisk>(),      check<UploadDiskImage>(),
                                               check<GetOperation>(),   check<CancelOperation>(),
                                               check<ListOldFolders>(), check<InspectOldFolder>(),
                                               check<AdoptFolder>(),    check<AdoptionPreview>()};
    std::ifstream page(std::string(SB_DOCS) + "/json-rpc.md");
    ASSERT_TRUE(page);
    std::set<std::string> requested, answered;
    std::string last;
    for (std::string line; std::getline(page, line);) {
        if (line.rfind("{\"jsonrpc\"", 0) != 0) continue;
        auto const document = json::Document::parse(line);
        ASSERT_TRUE(document) << line;
        auto const root = document->root();
        if (root["method"].exists() && root["id"].exists()) {
            last = root["method"].text();
            ASSERT_TRUE(methods.contains(last)) << line;
            EXPECT_EQ(methods.at(last).params(root["params"]), "") << line;
            EXPECT_TRUE(std::holds_alternative<Call>(parse_request_line(line).calls.front())) << line;
            requested.insert(last);
        } else if (root["method"].exists()) {
            EXPECT_EQ(root["method"].text(), JobChanged::name);
            EXPECT_EQ(problem(decode_reply<JobChanged::Params>(root["params"])), "") << line;
        } else {
            ASSERT_TRUE(parse_server_line(line)) << line;
            if (!root["result"].exists()) continue;
            EXPECT_EQ(methods.at(last).reply(root["result"]), "") << line;
            answered.insert(last);
        }
    }
    EXPECT_EQ(requested.size(), methods.size());
    EXPECT_EQ(answered, requested);
}

}  // namespace
}  // namespace sb::rpc
