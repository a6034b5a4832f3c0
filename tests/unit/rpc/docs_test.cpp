// What docs/json-rpc.md shows goes through the codec: requests on the daemon's side, answers on the client's. Every
// method of the table has its section there, and every field appears in an example.
#include "common/rpc/codec.hpp"
#include "common/rpc/message.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

namespace sb::rpc {
namespace {

struct Check {
    bool changes;
    std::string (*params)(json::View);
    std::string (*reply)(json::View);
};

/// "vms[].name" for every member of the value, however deep.
void add_members(json::View value, std::string const& path, std::set<std::string>& into) {
    for (auto const& [name, member] : value.members()) {
        auto const here = path + "." + std::string(name);
        into.insert(here);
        add_members(member, here, into);
    }
    for (auto const element : value.elements()) add_members(element, path + "[]", into);
}

/// The problem of an example: it cannot be parsed, lacks a field of the type, or has a field that the type lacks.
template <class T>
std::string problem(Result<T> const& decoded, json::View example) {
    if (!decoded) return decoded.error().context;
    auto const written = json::Document::parse(encode(*decoded));
    std::set<std::string> expected, shown;
    add_members(written->root(), "", expected);
    add_members(example, "", shown);
    std::string text;
    for (auto const& path : expected)
        if (!shown.contains(path)) text += path + " is not shown; ";
    for (auto const& path : shown)
        if (!expected.contains(path)) text += path + " does not exist; ";
    return text;
}

template <class Method>
std::string params_problem(json::View params) {
    // An example may leave optional parameters out.
    auto const decoded = decode<typename Method::Params>(params);
    return decoded ? std::string() : decoded.error().context;
}

template <class Method>
std::string reply_problem(json::View reply) {
    return problem(decode_reply<typename Method::Reply>(reply), reply);
}

template <class... Method>
std::map<std::string, Check> checks_of(TypeList<Method...>) {
    return {{std::string(Method::name), {Method::changes, params_problem<Method>, reply_problem<Method>}}...};
}

class JsonRpcPage : public testing::Test {
protected:
    std::map<std::string, Check> const methods = checks_of(Methods());
    std::ifstream page{std::string(SB_DOCS) + "/json-rpc.md"};
};

TEST_F(JsonRpcPage, ShowsEveryMethodAsItIs) {
    ASSERT_TRUE(page);
    ASSERT_EQ(methods.size(), names_of(Methods()).size()) << "two methods have the same name";
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
            auto const params = root["params"];
            EXPECT_EQ(root["method"].text(), JobChanged::name);
            EXPECT_EQ(problem(decode_reply<JobChanged::Params>(params), params), "") << line;
        } else {
            ASSERT_TRUE(parse_server_line(line)) << line;
            if (!root["result"].exists()) continue;
            EXPECT_EQ(methods.at(last).reply(root["result"]), "") << line;
            answered.insert(last);
        }
    }
    for (auto const& [name, check] : methods) EXPECT_TRUE(requested.contains(name)) << name << " is not on the page";
    EXPECT_EQ(answered, requested);
}

TEST_F(JsonRpcPage, StatesWhichMethodsChangeSomething) {
    ASSERT_TRUE(page);
    std::set<std::string> changing, expected;
    std::string section;
    for (std::string line; std::getline(page, line);) {
        if (line.rfind("### ", 0) == 0) section = line.substr(4);
        if (line.find("Changes something.") != std::string::npos) changing.insert(section);
    }
    for (auto const& [name, check] : methods)
        if (check.changes) expected.insert(name);
    EXPECT_EQ(changing, expected);
}

}  // namespace
}  // namespace sb::rpc
