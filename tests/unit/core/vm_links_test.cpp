#include "daemon/core/vm_links.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using testing::AllOf;
using testing::HasSubstr;

namespace {

VmUuid const first{"1111"}, second{"2222"}, third{"3333"};
std::string const here = "cluster-1";

VmLink link(VmUuid const& earlier, VmUuid const& later) { return {earlier, later, here, UtcTime{}}; }

}  // namespace

TEST(VmLinks, AVmWithoutALinkContinuesItself) { EXPECT_EQ(VmLinks().continued_by(first), first); }

TEST(VmLinks, CopiesFollowThroughSeveralRestores) {
    VmLinks links;
    EXPECT_TRUE(links.add(link(first, second)));
    EXPECT_TRUE(links.add(link(second, third)));
    EXPECT_EQ(links.continued_by(first), third);
}

TEST(VmLinks, ACircleIsRefused) {
    VmLinks links;
    EXPECT_FALSE(links.add(link(first, first)));
    links.add(link(first, second));
    links.add(link(second, third));
    EXPECT_FALSE(links.add(link(third, first)));
    EXPECT_EQ(links.continued_by(third), third);
}

// The link that is replaced leads away from the circle, and the new one leads into it.
TEST(VmLinks, AReplacedLinkMakesNoCircleEither) {
    VmLinks links;
    links.add(link(first, third));
    links.add(link(second, first));
    EXPECT_FALSE(links.add(link(first, second)));
    EXPECT_EQ(links.continued_by(second), third);
}

TEST(VmLinks, AJournalWithACircleIsReadWithoutIt) {
    VmLinks const links({link(first, second), link(second, first)});
    EXPECT_EQ(links.all().size(), 1u);
    EXPECT_EQ(links.continued_by(first), second);
}

TEST(VmLinks, ALinkCanBeTakenBack) {
    VmLinks links;
    links.add(link(first, second));
    EXPECT_TRUE(links.remove(first));
    EXPECT_FALSE(links.remove(first));
    EXPECT_TRUE(links.empty());
}

TEST(VmLinks, AVmOfWhichAPersonSaidThatNoneContinuesItIsSeparate) {
    VmLinks links;
    EXPECT_TRUE(links.add(link(first, VmUuid())));
    EXPECT_TRUE(links.is_separate(first));
    EXPECT_EQ(links.continued_by(first), first);
    links.add(link(second, first));
    EXPECT_EQ(links.continued_by(second), first);
}

TEST(VmLinks, ALinkHasNoEffectWhileTheClusterHasTheEarlierVmAgain) {
    VmLinks const links({link(first, second), link(second, third)});
    EXPECT_EQ(links.in_effect({third}, here).continued_by(first), third);
    EXPECT_EQ(links.in_effect({second, third}, here).continued_by(first), second);
    EXPECT_EQ(links.in_effect({first, third}, here).continued_by(first), first);
}

TEST(VmLinks, ALinkOfAnotherClusterHasNoEffect) {
    VmLinks links({link(first, second)});
    EXPECT_TRUE(links.in_effect({}, "cluster-2").empty());
    EXPECT_FALSE(links.in_effect({}, "").empty()) << "the cluster does not say which one it is";
    auto unknown = link(first, second);
    unknown.cluster_uuid.clear();
    links.add(unknown);
    EXPECT_FALSE(links.in_effect({}, "cluster-2").empty());
}

TEST(VmLinks, AForeignUuidIsOneWordOfAnOfferedCommandAndNoOption) {
    PossibleLink const hostile{VmUuid("-x;id;#"), second, "web1", "web2", 3, true};
    EXPECT_THAT(how_to_link(hostile), AllOf(HasSubstr("scale-backupctl link -- '-x;id;#' 2222."),
                                            HasSubstr("scale-backupctl link --separate -- '-x;id;#'")));
}

TEST(VmLinks, AnOfferNamesBothVmsAndTheCommandsThatDecideIt) {
    PossibleLink possible{first, second, "web1", "web2", 3, true};
    EXPECT_EQ(text_of(possible),
              "VM 'web1' (uuid 1111), which the cluster no longer has, has 3 backups here, and VM 'web2' (uuid 2222) "
              "was restored from one of them");
    EXPECT_THAT(how_to_link(possible),
                AllOf(HasSubstr("scale-backupctl link 1111 2222"), HasSubstr("scale-backupctl link --separate 1111")));
    possible.is_restored = false;
    possible.copies = 1;
    EXPECT_THAT(text_of(possible), AllOf(HasSubstr("1 backup here"), HasSubstr("(uuid 2222) has its name")));
}
