#include "daemon/core/possible_links.hpp"

#include "schedule_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct PossibleLinks : ::testing::Test {
    VmUuid const old{"old"}, old2{"old2"}, now{"now"}, now2{"now2"};
    LinkFacts facts;

    void add_vm(VmUuid const& uuid, std::string name) {
        Vm vm;
        vm.uuid = uuid;
        vm.name = std::move(name);
        facts.vms.push_back(vm);
    }
    Stored& add_copy(VmUuid const& vm, std::string vm_name, int day) {
        auto copy = a_copy(vm.text(), UtcTime{days{20'000 + day}}, vm.text() + " " + std::to_string(day));
        copy.vm_name = std::move(vm_name);
        facts.backups.push_back(std::move(copy));
        return facts.backups.back();
    }
    std::string error_of(std::string const& word) const {
        auto const found = find_earlier_vm(facts, word);
        return found ? "found " + found->text() : found.error().context;
    }
};

}  // namespace

TEST_F(PossibleLinks, AVmThatWasCreatedAgainMayContinueTheOneWithItsName) {
    add_vm(now, "web1");
    add_copy(old, "web1", 1);
    add_copy(old, "web1", 2);
    EXPECT_EQ(possible_links(facts), (std::vector<PossibleLink>{{old, now, "web1", "web1", 2, false}}));
}

TEST_F(PossibleLinks, ItsOwnCopiesDoNotEndTheQuestion) {
    add_vm(now, "web1");
    add_copy(old, "web1", 1);
    add_copy(now, "web1", 2);
    EXPECT_EQ(possible_links(facts).size(), 1u);
}

// Two VMs with the same name, of which one was deleted.
TEST_F(PossibleLinks, AVmThatLivedBesideTheEarlierOneIsOfferedOnlyIfItWasRestoredFromItsCopy) {
    add_vm(now, "web1");
    add_copy(old, "web1", 1);
    add_copy(old, "web1", 3);
    add_copy(now, "web1", 2);
    EXPECT_THAT(possible_links(facts), IsEmpty());
    facts.restored = {{now, "old 1"}};
    EXPECT_EQ(possible_links(facts).size(), 1u);
}

/// Anyone who can write to the share can put a copy there.
TEST_F(PossibleLinks, WhatTheJournalDoesNotKnowNeitherOffersALinkNorHidesOne) {
    add_vm(now, "web1");
    add_copy(old, "web1", 1);
    add_copy(old, "web1", 3);
    add_copy(now, "web1", 2).is_claim = true;
    EXPECT_EQ(possible_links(facts).size(), 1u) << "the new VM did not live beside the earlier one";
    facts.backups.clear();
    add_copy(old, "web1", 1).is_claim = true;
    EXPECT_THAT(possible_links(facts), IsEmpty());
}

TEST_F(PossibleLinks, AVmThatWasRestoredUnderAnotherNameMayContinueItsSource) {
    add_vm(now, "web1-restored");
    add_copy(old, "web1", 1);
    EXPECT_THAT(possible_links(facts), IsEmpty());
    facts.restored = {{now, "old 1"}};
    EXPECT_EQ(possible_links(facts), (std::vector<PossibleLink>{{old, now, "web1", "web1-restored", 1, true}}));
}

TEST_F(PossibleLinks, OfSeveralRestoredVmsTheLastOneThatExistsIsOffered) {
    add_vm(now, "first");
    add_vm(now2, "second");
    add_copy(old, "web1", 1);
    facts.restored = {{now, "old 1"}, {now2, "old 1"}, {VmUuid{"deleted since"}, "old 1"}};
    auto const possible = possible_links(facts);
    ASSERT_EQ(possible.size(), 1u);
    EXPECT_EQ(possible[0].later, now2);
}

// The answer of the cluster was lost, and perhaps the VM is of another program's import.
TEST_F(PossibleLinks, AVmThatMayHaveBeenRestoredIsOfferedAlsoByItsNameAlone) {
    add_vm(now, "web1-restored");
    add_copy(old, "web1", 1);
    facts.restored = {{now, "old 1", false}};
    auto possible = possible_links(facts);
    ASSERT_EQ(possible.size(), 1u);
    EXPECT_THAT(text_of(possible[0]), HasSubstr("may have been restored from one of them"));
    facts.restored = {{VmUuid(), "old 1", false, "web1-restored"}};
    EXPECT_EQ(possible_links(facts), possible);
    add_vm(now2, "web1-restored");
    EXPECT_THAT(possible_links(facts), IsEmpty()) << "which one is not known";
}

TEST_F(PossibleLinks, NothingIsOfferedForAVmThatStillExists) {
    add_vm(old, "web1");
    add_vm(now, "web1-test");
    add_copy(old, "web1", 1);
    facts.restored = {{now, "old 1"}};
    EXPECT_THAT(possible_links(facts), IsEmpty());
}

TEST_F(PossibleLinks, ANameThatSeveralVmsHaveSaysNothing) {
    add_vm(now, "web1");
    add_vm(now2, "web1");
    add_copy(old, "web1", 1);
    EXPECT_THAT(possible_links(facts), IsEmpty());
}

// Where a VM is created again every day, the copies of all days would be kept.
TEST_F(PossibleLinks, OfSeveralThatHadTheNameTheOneWithTheNewestCopyIsOffered) {
    add_vm(now, "web1");
    add_copy(old, "web1", 1);
    add_copy(old2, "web1", 2);
    auto const possible = possible_links(facts);
    ASSERT_EQ(possible.size(), 1u);
    EXPECT_EQ(possible[0].earlier, old2);
}

TEST_F(PossibleLinks, WhatWasSaidIsNotAskedAgain) {
    add_vm(now, "web1");
    auto& copy = add_copy(old, "web1", 1);
    facts.links.add({old, VmUuid(), "", UtcTime{}});
    EXPECT_THAT(possible_links(facts), IsEmpty());
    facts.links = VmLinks({{old, now, "", UtcTime{}}});
    use_link(copy, facts.links);
    EXPECT_EQ(counts_for(copy), now);
    EXPECT_THAT(possible_links(facts), IsEmpty());
}

TEST_F(PossibleLinks, AChainIsOfferedAsAWhole) {
    add_vm(now, "web1");
    facts.links = VmLinks({{old, old2, "", UtcTime{}}});
    use_link(add_copy(old, "web1", 1), facts.links);
    auto const possible = possible_links(facts);
    ASSERT_EQ(possible.size(), 1u);
    EXPECT_EQ(possible[0].earlier, old2) << "it has no copy except those of the one before it";
    EXPECT_EQ(find_earlier_vm(facts, "old2").value(), old2);
}

TEST_F(PossibleLinks, IncompleteCopiesAndThoseOfAnotherClusterSayNothing) {
    add_vm(now, "web1");
    add_copy(old, "web1", 1).origin = ClusterOrigin::other;
    add_copy(old2, "web1", 1).state = BackupState::damaged;
    EXPECT_THAT(possible_links(facts), IsEmpty());
}

TEST_F(PossibleLinks, TheEarlierVmIsFoundByUuidAndByTheNameInItsNewestCopy) {
    add_vm(now, "web1");
    add_copy(old, "web0", 1);
    add_copy(old, "web1", 2);
    EXPECT_EQ(find_earlier_vm(facts, "old").value(), old);
    EXPECT_EQ(find_earlier_vm(facts, "web1").value(), old) << "not the VM that exists and has the name";
    EXPECT_EQ(error_of("web0"), "there is no complete backup of a VM named 'web0'");
}

TEST_F(PossibleLinks, AVmThatExistsIsNoEarlierOne) {
    add_vm(now, "web1");
    add_copy(now, "web1", 1);
    EXPECT_THAT(error_of("now"), HasSubstr("still exists"));
    EXPECT_THAT(error_of("web1"), HasSubstr("still exists"));
}

TEST_F(PossibleLinks, AnAmbiguousNameListsTheUuids) {
    add_copy(old, "web1", 1);
    add_copy(old2, "web1", 2);
    EXPECT_EQ(find_earlier_vm(facts, "web1").error().code, Errc::ambiguous_name);
    EXPECT_THAT(error_of("web1"), AllOf(HasSubstr("\n  old  1 backup"), HasSubstr("\n  old2  1 backup")));
}

TEST_F(PossibleLinks, CopiesOfAnotherClusterCannotBeLinked) {
    add_copy(old, "web1", 1).origin = ClusterOrigin::other;
    add_copy(old2, "web2", 1).origin = ClusterOrigin::unknown;
    EXPECT_THAT(error_of("web1"), HasSubstr("another cluster"));
    EXPECT_THAT(error_of("old"), HasSubstr("another cluster"));
    EXPECT_THAT(error_of("old2"), HasSubstr("another cluster"));
}
