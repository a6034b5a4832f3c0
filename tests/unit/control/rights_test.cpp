#include "daemon/control/rights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::test {
namespace {

using control::permit;
using testing::HasSubstr;

constexpr std::uint32_t changers = 500, viewers = 600;

control::AccessRules both_groups() {
    control::AccessRules rules;
    rules.own_user = 42;
    rules.may_change = control::Group{changers, "scale-backup"};
    rules.read_group = control::Group{viewers, "viewers"};
    return rules;
}

ipc::Peer a_user(std::uint32_t gid, std::vector<std::uint32_t> groups = {}) {
    return {1000, gid, 4711, std::move(groups)};
}

bool may_read(ipc::Peer const& peer, control::AccessRules const& rules) {
    return permit(peer, false, rules).has_value();
}
bool may_change(ipc::Peer const& peer, control::AccessRules const& rules) {
    return permit(peer, true, rules).has_value();
}

TEST(Rights, WithoutAReadGroupTheSocketsModeDecides) {
    control::AccessRules rules;
    rules.may_change = control::Group{changers, "scale-backup"};
    EXPECT_TRUE(may_change(a_user(7), rules));
    EXPECT_TRUE(may_read(ipc::Peer{}, rules));
}

TEST(Rights, MembersOfTheSocketGroupMayChangeWhetherItIsTheirMainGroupOrNot) {
    EXPECT_TRUE(may_change(a_user(changers), both_groups()));
    EXPECT_TRUE(may_change(a_user(7, {8, changers, 9}), both_groups()));
    EXPECT_TRUE(may_read(a_user(7, {8, changers, 9}), both_groups()));
}

TEST(Rights, MembersOfTheReadGroupMayOnlyRead) {
    EXPECT_TRUE(may_read(a_user(7, {viewers}), both_groups()));
    EXPECT_FALSE(may_change(a_user(7, {viewers}), both_groups()));
    EXPECT_FALSE(may_change(a_user(viewers), both_groups()));
}

TEST(Rights, WhoIsInBothGroupsMayChange) { EXPECT_TRUE(may_change(a_user(7, {viewers, changers}), both_groups())); }

TEST(Rights, RootAndTheDaemonsOwnUserMayDoEverything) {
    EXPECT_TRUE(may_change(ipc::Peer{0, 0, 1}, both_groups()));
    EXPECT_TRUE(may_change(ipc::Peer{42, 7, 1}, both_groups()));
}

TEST(Rights, EveryOtherUserMayDoNothing) {
    EXPECT_FALSE(may_read(a_user(7, {8, 9}), both_groups()));
    EXPECT_FALSE(may_change(a_user(7, {8, 9}), both_groups()));
    EXPECT_FALSE(may_read(ipc::Peer{}, both_groups())) << "the system does not report who it is";
}

TEST(Rights, WithoutASocketGroupOnlyRootAndTheDaemonChange) {
    auto rules = both_groups();
    rules.may_change.reset();
    EXPECT_FALSE(may_change(a_user(7, {viewers}), rules));
    EXPECT_TRUE(may_read(a_user(7, {viewers}), rules));
    EXPECT_THAT(permit(a_user(7, {viewers}), true, rules).error().context, HasSubstr("only root"));
}

TEST(Rights, RefusalsNameTheCommandThatHelps) {
    auto const to_change = permit(a_user(7, {viewers}), true, both_groups()).error();
    EXPECT_EQ(to_change.code, Errc::not_permitted);
    EXPECT_THAT(to_change.context, HasSubstr("may only read"));
    EXPECT_THAT(to_change.context, HasSubstr(" scale-backup"));
    EXPECT_THAT(permit(a_user(7), false, both_groups()).error().context, HasSubstr("viewers"));
}

}  // namespace
}  // namespace sb::test
