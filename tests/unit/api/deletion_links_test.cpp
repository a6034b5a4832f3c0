// A person deletes a copy of a VM that another one continues.
#include "daemon/api/deletion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::api {
namespace {

using testing::HasSubstr;

VmUuid const old{"old"}, now{"now"};

core::Backup copy_of(VmUuid const& vm, std::string name) {
    core::Manifest manifest;
    manifest.backup = name;
    manifest.vm_uuid = vm;
    manifest.vm_name = "WEB";
    manifest.end = core::ExportEnd::seen;
    core::Backup backup;
    backup.name = std::move(name);
    backup.state = core::BackupState::complete;
    backup.manifest = std::move(manifest);
    return backup;
}

/// The first is to be deleted; the cluster has `now`, which continues `old`.
DeletionFacts linked_facts(std::vector<core::Backup> copies) {
    DeletionFacts facts;
    facts.backup = copies.front();
    facts.all = std::move(copies);
    facts.links.add({old, now, "", UtcTime{}});
    core::Vm vm;
    vm.uuid = now;
    facts.vms = ports::Vms{vm};
    return facts;
}

TEST(DeletionOfLinkedVms, TheLastGoodCopyOfTheLivingVmNeedsAConfirmationAlthoughTheEarlierOneMadeIt) {
    auto facts = linked_facts({copy_of(old, "only")});
    facts.existing = {now};
    DeletionOrder const order{"only", false, ""};
    EXPECT_TRUE(needs_another_copy(order, facts));
    EXPECT_TRUE(other_good_copies(facts).empty());
    EXPECT_THAT(last_good_copy(order, facts, "").context, HasSubstr("which still exists"));
    facts.links = {};
    EXPECT_FALSE(needs_another_copy(order, facts)) << "its VM is gone, and no other continues it";
}

TEST(DeletionOfLinkedVms, OnceTheEarlierVmIsSurelyDeletedItsCopiesMayGoIfTheLivingVmHasAnother) {
    auto facts = linked_facts({copy_of(old, "older"), copy_of(now, "new")});
    facts.existing = {now};
    EXPECT_TRUE(needs_another_copy({"older", false, ""}, facts));
    ASSERT_EQ(other_good_copies(facts).size(), 1u);
    EXPECT_EQ(other_good_copies(facts).front().name, "new");
}

/// When the link ends, as because the cluster has the earlier VM again, the living one would have none.
TEST(DeletionOfLinkedVms, TheLivingVmsOwnLastCopyNeedsAConfirmationAlthoughTheEarlierVmHasOne) {
    auto facts = linked_facts({copy_of(now, "new"), copy_of(old, "older")});
    facts.existing = {now};
    DeletionOrder const order{"new", false, ""};
    EXPECT_TRUE(needs_another_copy(order, facts));
    EXPECT_TRUE(other_good_copies(facts).empty());
    EXPECT_THAT(last_good_copy(order, facts, "").context, HasSubstr("which still exists"));
    facts.all.push_back(copy_of(now, "its other one"));
    EXPECT_EQ(other_good_copies(facts).size(), 1u);
}

TEST(DeletionOfLinkedVms, TheEarlierVmsOwnLastCopyNeedsAConfirmationAsLongAsThatVmMayExist) {
    auto facts = linked_facts({copy_of(old, "older"), copy_of(now, "new")});
    DeletionOrder const order{"older", false, ""};
    using Existing = std::optional<std::unordered_set<VmUuid>>;
    std::unordered_set<VmUuid> const both = {now, old};
    for (auto const& existing : {Existing(), Existing(both)}) {
        facts.existing = existing;
        EXPECT_TRUE(needs_another_copy(order, facts));
        EXPECT_TRUE(other_good_copies(facts).empty());
        EXPECT_THAT(last_good_copy(order, facts, "").context, HasSubstr("7 lists, spread over 7 days"));
    }
    facts.existing = {now};
    facts.vms = Error{Errc::unreachable, "no route"};
    EXPECT_TRUE(other_good_copies(facts).empty()) << "while the cluster cannot be asked, it may exist";
    EXPECT_THAT(last_good_copy(order, facts, "").context, HasSubstr("cannot be asked"));
}

TEST(DeletionOfLinkedVms, UntilItIsDecidedTheLastCopyOfAVmThatMayBeContinuedNeedsAConfirmation) {
    auto facts = linked_facts({copy_of(old, "only"), copy_of(now, "new")});
    facts.links = {};
    facts.possible_successor = "VM 'WEB' (uuid now) has its name";
    DeletionOrder const order{"only", false, ""};
    EXPECT_TRUE(needs_another_copy(order, facts));
    EXPECT_TRUE(other_good_copies(facts).empty()) << "the two may be different VMs";
    EXPECT_THAT(last_good_copy(order, facts, "").context, HasSubstr("VM 'WEB' (uuid now) has its name"));
}

}  // namespace
}  // namespace sb::api
