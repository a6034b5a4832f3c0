#include "daemon/core/vm_links.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;

namespace {

VmUuid const first{"1111"}, second{"2222"}, third{"3333"};

Vm vm_of(VmUuid const& uuid, std::string name) {
    Vm vm;
    vm.uuid = uuid;
    vm.name = std::move(name);
    return vm;
}

Stored copy_of(VmUuid const& uuid, std::string name) {
    Stored copy;
    copy.vm = uuid;
    copy.vm_name = std::move(name);
    copy.name = "2026-11-30 " + copy.vm_name;
    copy.state = BackupState::complete;
    return copy;
}

}  // namespace

TEST(VmLinks, AVmWithoutALinkContinuesItself) { EXPECT_EQ(VmLinks().continued_by(first), first); }

TEST(VmLinks, CopiesFollowThroughSeveralRestores) {
    VmLinks links;
    EXPECT_TRUE(links.add(first, second));
    EXPECT_TRUE(links.add(second, third));
    EXPECT_EQ(links.continued_by(first), third);
}

TEST(VmLinks, ACircleIsRefused) {
    VmLinks links;
    EXPECT_FALSE(links.add(first, first));
    links.add(first, second);
    links.add(second, third);
    EXPECT_FALSE(links.add(third, first));
    EXPECT_EQ(links.continued_by(third), third);
}

TEST(VmLinks, ALinkCanBeTakenBack) {
    VmLinks links;
    links.add(first, second);
    EXPECT_TRUE(links.remove(first));
    EXPECT_FALSE(links.remove(first));
    EXPECT_TRUE(links.empty());
}

TEST(VmLinks, TheTextIsReadAsItWasWritten) {
    VmLinks links;
    links.add(first, second);
    links.add(third, second);
    EXPECT_EQ(VmLinks::from_text(links.text()), links);
}

TEST(VmLinks, UnreadableLinesAndCirclesInATextAreSkipped) {
    auto const links = VmLinks::from_text("1111 2222\nnonsense\n 2222\n2222 1111\n3333 \n");
    EXPECT_EQ(links.text(), "1111 2222\n");
    EXPECT_EQ(links.continued_by(second), second);
}

TEST(VmLinks, ARestoredVmMayContinueTheOneWithItsName) {
    auto const possible = possible_links({vm_of(second, "web1")}, {copy_of(first, "web1"), copy_of(first, "web1")});
    EXPECT_EQ(possible, (std::vector<PossibleLink>{{first, second, "web1", 2}}));
}

TEST(VmLinks, NothingIsSuggestedForAVmThatStillExistsOrHasItsOwnCopies) {
    EXPECT_TRUE(possible_links({vm_of(first, "web1"), vm_of(second, "web1")}, {copy_of(first, "web1")}).empty());
    EXPECT_TRUE(possible_links({vm_of(second, "web1")}, {copy_of(first, "web1"), copy_of(second, "web1")}).empty());
}

TEST(VmLinks, AnAmbiguousNameSuggestsNothing) {
    EXPECT_TRUE(possible_links({vm_of(second, "web1"), vm_of(third, "web1")}, {copy_of(first, "web1")}).empty());
    EXPECT_TRUE(possible_links({vm_of(third, "web1")}, {copy_of(first, "web1"), copy_of(second, "web1")}).empty());
}

TEST(VmLinks, CopiesOfAnotherClusterSuggestNothing) {
    auto copy = copy_of(first, "web1");
    copy.origin = ClusterOrigin::other;
    EXPECT_TRUE(possible_links({vm_of(second, "web1")}, {copy}).empty());
}
