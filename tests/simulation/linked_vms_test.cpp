// A VM that was restored or created again under a new uuid: its earlier copies are asked about, and count once a person
// has linked the two.
#include "tests/simulation/clean_up_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

struct LinkedVms : CleanUp {
    VmUuid const old{"uuid-of-the-earlier-one"};
    VmUuid now;

    LinkedVms() { now = add_vm("WEB"); }

    void add_web_copy(std::string const& name, VmUuid const& vm, int days_old) {
        add_copy(name, vm, days_old);
        fixture.catalog.manifests[name].vm_name = "WEB";
    }
    Result<void> link(VmUuid const& earlier, VmUuid const& later) {
        auto const added = fixture.get(
            fixture.scheduler->links().add({earlier, later, fixture.identity->present().uuid, fixture.time.now()}));
        fixture.scheduler->folders_changed();
        fixture.scheduler->check_again();
        return added;
    }
    bool is_offered() const { return fixture.condition(ConditionKind::vm_may_be_continued, old.text()).has_value(); }
    engine::GatheredFacts gather() { return fixture.get(fixture.scheduler->gather()).value(); }
    bool is_due() {
        auto const gathered = gather();
        auto const all = queue(gathered.snapshot.facts, gathered.settings.timing, fixture.zone);
        return !std::ranges::find(all, now, &Candidate::uuid)->last_backup.has_value();
    }
    Verdict verdict(std::string const& backup) {
        auto const evaluated = fixture.get(fixture.scheduler->clean_up().evaluate()).value();
        return *std::ranges::find(evaluated.verdicts, backup, &Verdict::backup);
    }
    void nights(int count) {
        for (int night = 0; night < count; ++night) fixture.run_until_clock(7h);
    }
    /// The newest one of its scheduled backups.
    std::string own_backup() const {
        Manifest newest;
        for (auto const& [backup, manifest] : fixture.catalog.manifests)
            if (manifest.vm_uuid == now && manifest.scheduled && newest.started < manifest.started) newest = manifest;
        return newest.backup;
    }
    std::size_t count_exports() const {
        return static_cast<std::size_t>(std::ranges::count(fixture.cluster.runs, now, &FakeCluster::Run::vm));
    }
    /// As a person's order, which has decided.
    void delete_as_ordered(std::string const& name, bool immediately) {
        auto backup = fixture.get(fixture.catalog.find(name)).value();
        auto& clean_up = fixture.scheduler->clean_up();
        EXPECT_TRUE(fixture.get(clean_up.remove(std::move(backup), "a person deleted it", immediately)));
        fixture.scheduler->folders_changed();
        fixture.scheduler->check_again();
    }
    bool is_moved_away() const { return fixture.condition(ConditionKind::backup_moved_away, now.text()).has_value(); }
    void take_away(VmUuid const& vm) {
        std::erase_if(fixture.cluster.vms, [&](Vm const& one) { return one.uuid == vm; });
    }
};

}  // namespace

TEST_F(LinkedVms, TheCopiesOfAVmThatWasCreatedAgainAreKeptUntilAPersonDecides) {
    add_web_copy("web old", old, 60);
    fixture.start();
    nights(30);
    EXPECT_TRUE(is_offered());
    EXPECT_THAT(fixture.catalog.removed, Not(Contains("web old")));
    EXPECT_EQ(verdict("web old").reason, Reason::may_be_continued);
    ASSERT_TRUE(link(old, VmUuid()));
    nights(1);
    EXPECT_FALSE(is_offered());
    EXPECT_THAT(fixture.catalog.removed, Contains("web old"));
}

TEST_F(LinkedVms, AVmThatWasRestoredUnderAnotherNameIsOfferedAlsoAfterARestart) {
    add_web_copy("web old", old, 3);
    take_away(now);
    fixture.start();
    ASSERT_TRUE(fixture.get(fixture.engine->submit_restore("web old", "WEB-2")));
    fixture.time.run_for(2h);
    gather();
    ASSERT_TRUE(is_offered());
    auto const reason = fixture.condition(ConditionKind::vm_may_be_continued, old.text())->reason;
    EXPECT_THAT(reason, HasSubstr("WEB-2"));
    fixture.stop();
    fixture.start_engine();
    fixture.start();
    gather();
    EXPECT_TRUE(is_offered());
    EXPECT_EQ(fixture.condition(ConditionKind::vm_may_be_continued, old.text())->reason, reason);
}

TEST_F(LinkedVms, ARestoreWhoseOutcomeIsNotKnownIsOfferedToo) {
    add_web_copy("web old", old, 3);
    take_away(now);
    add_vm("WEB-2");
    fixture.start();
    Job job;
    job.kind = JobKind::restore;
    job.phase = Phase::finished;
    job.outcome = Outcome::failed;
    job.backup = "web old";
    job.vm_name = "WEB-2";
    fixture.scheduler->links().note(job);
    gather();
    EXPECT_FALSE(is_offered());
    job.outcome = Outcome::lost;
    fixture.scheduler->links().note(job);
    gather();
    ASSERT_TRUE(is_offered());
    EXPECT_THAT(fixture.condition(ConditionKind::vm_may_be_continued, old.text())->reason, HasSubstr("'WEB-2'"));
    EXPECT_THAT(fixture.condition(ConditionKind::vm_may_be_continued, old.text())->reason,
                HasSubstr("may have been restored from one of them"));
}

TEST_F(LinkedVms, ALinkedVmIsNotBackedUpAsIfItNeverHadBeen) {
    add_web_copy("web old", old, 0);
    fixture.start();
    EXPECT_TRUE(is_due());
    ASSERT_TRUE(link(old, now));
    EXPECT_FALSE(is_due());
    auto const vm = fixture.cluster.vms.back();
    auto const facts = fixture.get(fixture.scheduler->why_facts(vm)).value();
    EXPECT_THAT(core::why(vm.uuid, facts.forecast, facts.failure, facts.days_ahead, fixture.zone),
                Contains(HasSubstr("It continues VM " + old.text())));
    fixture.stop();
    fixture.start_engine();
    fixture.start();
    EXPECT_FALSE(is_due()) << "the journal has the link";
}

TEST_F(LinkedVms, TheRulesCountTheCopiesOfBothTogether) {
    fixture.settings.policy = {};
    fixture.settings.policy.max_backups = 2;
    add_web_copy("web new", now, 1);
    add_web_copy("web old", old, 3);
    add_web_copy("web older", old, 4);
    fixture.start();
    ASSERT_TRUE(link(old, now));
    EXPECT_THAT(prune().deleted, ElementsAre("web older"));
}

// Only the earlier VM's uuid has copies, so only that one would be watched.
TEST_F(LinkedVms, ALinkedVmWithoutOwnCopiesThatIsMissingFromOneListLosesNothing) {
    add_web_copy("web old", old, 60);
    fixture.start();
    ASSERT_TRUE(link(old, now));
    fixture.settings.settings.tag = "none has it";
    nights(30);
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    auto const all = fixture.cluster.vms;
    take_away(now);
    fixture.time.run_for(1min);  // a new list
    EXPECT_EQ(verdict("web old").reason, Reason::last_good_copy);
    EXPECT_THAT(prune().deleted, IsEmpty());
    fixture.cluster.vms = all;
}

TEST_F(LinkedVms, WhenTheClusterHasTheEarlierVmAgainEachKeepsItsOwnLastCopy) {
    fixture.settings.policy.max_backups = 1;
    add_web_copy("web new", now, 1);
    add_web_copy("web old", old, 60);
    fixture.start();
    ASSERT_TRUE(link(old, now));
    nights(10);
    auto again = fixture.cluster.vms.back();
    again.uuid = old;
    add_web_copy("web old", old, 60);
    fixture.cluster.vms.push_back(again);
    fixture.time.run_for(1min);  // a new list
    EXPECT_EQ(verdict("web old").reason, Reason::last_good_copy);
    EXPECT_THAT(prune().deleted, Not(Contains("web old")));
}

// The list of VMs was without the earlier one for a moment, or the link was a mistake.
TEST_F(LinkedVms, ALinkThatEndsHasCostNeitherVmItsOwnLastCopy) {
    fixture.settings.policy = {};
    fixture.settings.policy.max_backups = 1;
    fixture.settings.settings.timing.interval = {7, 0s};
    add_web_copy("web new", now, 3);
    add_web_copy("web newer", now, 2);
    add_web_copy("web old", old, 1);
    fixture.start();
    ASSERT_TRUE(link(old, now));
    EXPECT_THAT(prune().deleted, ElementsAre("web new"));
    EXPECT_EQ(verdict("web newer").reason, Reason::last_good_copy);
    ASSERT_TRUE(fixture.get(fixture.scheduler->links().remove(old)));
    fixture.scheduler->folders_changed();
    EXPECT_FALSE(is_due());
    EXPECT_THAT(prune().deleted, IsEmpty());
}

TEST_F(LinkedVms, AVmThatALinkLeavesWithoutACopyIsDueWhenTheLinkEnds) {
    fixture.settings.policy = {};
    fixture.settings.settings.timing.interval = {7, 0s};
    fixture.start();
    fixture.run_until_clock(18h);
    ASSERT_EQ(count_exports(), 1u);
    add_web_copy("web old", old, 0);
    ASSERT_TRUE(link(old, now));
    delete_as_ordered(own_backup(), false);
    fixture.time.run_for(1h);
    EXPECT_EQ(count_exports(), 1u) << "the earlier VM's copy is its own";
    EXPECT_FALSE(is_due());
    ASSERT_TRUE(fixture.get(fixture.scheduler->links().remove(old)));
    fixture.scheduler->folders_changed();
    EXPECT_TRUE(is_due());
    EXPECT_FALSE(is_moved_away()) << "it is nowhere else";
    fixture.time.run_for(1h);
    EXPECT_EQ(count_exports(), 2u);
    EXPECT_FALSE(is_due());
}

TEST_F(LinkedVms, TheOnlyCopyThatWasDeletedForGoodIsMadeAgainAlsoAfterARestart) {
    fixture.settings.policy = {};
    fixture.settings.settings.timing.interval = {7, 0s};
    fixture.start();
    fixture.run_until_clock(18h);
    fixture.run_until_clock(7h);
    delete_as_ordered(own_backup(), true);
    fixture.stop();
    fixture.start_engine();
    fixture.start();
    EXPECT_TRUE(is_due()) << "the trash has no row of it, the journal knows it";
    EXPECT_FALSE(is_moved_away());
    fixture.run_until_clock(18h);
    EXPECT_EQ(count_exports(), 2u);
    fixture.run_until_clock(7h);
    fixture.run_until_clock(18h);
    EXPECT_EQ(count_exports(), 2u) << "once";
}

TEST_F(LinkedVms, ADeletedCopyOfAVmThatHasAnotherOneCountsUntilTheIntervalHasPassed) {
    fixture.settings.policy = {};
    fixture.settings.settings.timing.interval = {7, 0s};
    add_web_copy("web new", now, 30);
    fixture.start();
    fixture.run_until_clock(18h);
    ASSERT_EQ(count_exports(), 1u);
    delete_as_ordered(own_backup(), false);
    ASSERT_EQ(own_backup(), "web new");
    EXPECT_FALSE(is_due());
    for (int night = 0; night < 3; ++night) {
        fixture.run_until_clock(18h);
        EXPECT_FALSE(is_moved_away()) << "the daemon knows who deleted it, also when it has left the trash";
    }
    EXPECT_EQ(count_exports(), 1u);
}

// `show-backups` does not ask the cluster.
TEST_F(LinkedVms, WhichLinksCountFollowsTheNewestListOfVmsThatAPersonsOrderHasRead) {
    fixture.start();
    ASSERT_TRUE(link(old, now));
    gather();
    auto& links = fixture.scheduler->links();
    EXPECT_EQ(links.last_in_effect().continued_by(old), now);
    auto again = fixture.cluster.vms;
    again.push_back(fixture.cluster.vms.back());
    again.back().uuid = old;
    ASSERT_TRUE(fixture.get(links.in_effect(again, fixture.identity->present().uuid)));
    EXPECT_TRUE(links.last_in_effect().empty());
    std::vector<Vm> const none;  // the cluster could not be asked
    ASSERT_TRUE(fixture.get(links.in_effect(none, fixture.identity->present().uuid)));
    EXPECT_TRUE(links.last_in_effect().empty());
}

TEST_F(LinkedVms, NothingIsDeletedWhileTheLinksCannotBeRead) {
    add_web_copy("web new", now, 1);
    add_web_copy("web older", now, 60);
    fixture.journal.unreadable_links = Error{Errc::io, "the journal cannot be read"};
    fixture.start();
    auto const refused = fixture.get(fixture.scheduler->clean_up().prune(true));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, HasSubstr("which VM continues which earlier one"));
    fixture.journal.unreadable_links.reset();
    EXPECT_THAT(prune().deleted, ElementsAre("web older"));
}

TEST_F(LinkedVms, ALinkThatCannotBeRecordedHasNoEffect) {
    add_web_copy("web old", old, 0);
    fixture.start();
    fixture.journal.full = true;
    EXPECT_FALSE(link(old, now));
    fixture.journal.full = false;
    EXPECT_TRUE(is_due());
}

TEST_F(LinkedVms, AnEndedLinkLeavesTheCopiesToTheEarlierVm) {
    add_web_copy("web old", old, 0);
    fixture.start();
    ASSERT_TRUE(link(old, now));
    ASSERT_TRUE(fixture.get(fixture.scheduler->links().remove(old)));
    fixture.scheduler->folders_changed();
    EXPECT_TRUE(is_due());
    EXPECT_TRUE(is_offered());
    EXPECT_EQ(fixture.get(fixture.scheduler->links().remove(old)).error().code, Errc::not_found);
}

TEST_F(LinkedVms, ALinkOfAnotherClusterHasNoEffectAtThisOne) {
    add_web_copy("web old", old, 0);
    fixture.start();
    ASSERT_TRUE(fixture.get(fixture.scheduler->links().add({old, now, "another cluster", fixture.time.now()})));
    EXPECT_TRUE(is_due());
    EXPECT_FALSE(fixture.identity->present().uuid.empty());
}
