// Which VM continues which earlier one: losing that would make an administrator's word undone.
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::journal {
namespace {

using core::VmLink;
using testing::ElementsAre;
using testing::IsEmpty;

VmLink link(std::string const& earlier, std::string const& later) {
    return {VmUuid(earlier), VmUuid(later), "1f1f1f1f-1111-4111-8111-111111111111",
            UtcTime(Milliseconds(1763874000123)), "name of " + earlier};
}

TEST_F(Journal, EveryFieldOfALinkOfVmsIsReadBackAfterReopening) {
    open();
    EXPECT_THAT(*wait(journal_->vm_links()), IsEmpty());
    ASSERT_TRUE(wait(journal_->add_vm_link(link("1111", "2222"))));
    ASSERT_TRUE(wait(journal_->add_vm_link(link("3333", ""))));
    open();
    EXPECT_THAT(*wait(journal_->vm_links()), ElementsAre(link("1111", "2222"), link("3333", "")));
}

TEST_F(Journal, AnotherLinkOfTheSameEarlierVmReplacesTheFirst) {
    open();
    ASSERT_TRUE(wait(journal_->add_vm_link(link("1111", "2222"))));
    ASSERT_TRUE(wait(journal_->add_vm_link(link("1111", "3333"))));
    EXPECT_THAT(*wait(journal_->vm_links()), ElementsAre(link("1111", "3333")));
}

TEST_F(Journal, AForgottenLinkIsGoneAndForgettingItTwiceIsNoError) {
    open();
    ASSERT_TRUE(wait(journal_->add_vm_link(link("1111", "2222"))));
    ASSERT_TRUE(wait(journal_->forget_vm_link(VmUuid("1111"))));
    ASSERT_TRUE(wait(journal_->forget_vm_link(VmUuid("1111"))));
    open();
    EXPECT_THAT(*wait(journal_->vm_links()), IsEmpty());
}

TEST_F(Journal, LinksOfVmsAreInTheFileThatReplacesALostOne) {
    open();
    ASSERT_TRUE(wait(journal_->add_vm_link(link("1111", "2222"))));
    open();  // the copy in memory holds what an earlier process recorded, too
    ASSERT_TRUE(wait(journal_->add_vm_link(link("3333", "2222"))));
    ASSERT_TRUE(wait(journal_->add_vm_link(link("4444", "2222"))));
    ASSERT_TRUE(wait(journal_->forget_vm_link(VmUuid("4444"))));
    for (auto const& name : files()) fs::remove(dir_ / name);
    EXPECT_THAT(*wait(journal_->vm_links()), ElementsAre(link("1111", "2222"), link("3333", "2222")));
    open();
    EXPECT_THAT(*wait(journal_->vm_links()), ElementsAre(link("1111", "2222"), link("3333", "2222")));
}

}  // namespace
}  // namespace sb::journal
