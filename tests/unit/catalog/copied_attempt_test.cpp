// Two folders with the manifest of one attempt are one restore point, whatever name the manifests have: `cp -r`, and
// the name in the copy's manifest changed to that of its folder.
#include "daemon/core/retention.hpp"
#include "tests/support/rule_zone.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

using namespace sb;

namespace sb::catalog {
namespace {

using core::Reason;

struct CopiedAttempt : Catalog {
    test::RuleZone zone = test::berlin();
    core::RetentionPolicy policy{.max_backups = 2, .max_age = {}};

    void back_up(std::string const& name, JobId job, std::string attempt) {
        write_sample(name);
        auto manifest = sample(name);
        manifest.is_protected = false;
        manifest.attempt = std::move(attempt);
        manifest.job = job;
        manifest.started += std::chrono::hours(24 * job);
        manifest.completed += std::chrono::hours(24 * job);
        ASSERT_TRUE(wait(catalog_->write_manifest(name, manifest)));
    }
    void copy(std::string const& from, std::string const& to) const {
        fs::copy(share_ / from, share_ / to, fs::copy_options::recursive);
        auto const file = share_ / to / core::manifest_file_name;
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        std::regex const name("(\"backup\"\\s*:\\s*\")" + from + "\"");
        auto const changed = std::regex_replace(text.str(), name, "$1" + to + "\"");
        ASSERT_NE(changed, text.str());
        std::ofstream(file) << changed;
    }
    std::vector<core::Stored> stored() {
        std::vector<core::Stored> all;
        auto const listed = wait(catalog_->list());
        for (auto const& backup : listed.value()) {
            EXPECT_EQ(backup.state, BackupState::complete) << backup.problem;
            all.push_back(core::stored_of(backup));
        }
        return all;
    }
    std::map<std::string, core::Verdict> verdicts() {
        core::RetentionFacts facts;
        facts.backups = stored();
        for (auto const& one : facts.backups) facts.now = std::max(facts.now, one.completed + std::chrono::hours(1));
        std::map<std::string, core::Verdict> by_name;
        for (auto& verdict : core::evaluate_retention(facts, policy, zone)) by_name[verdict.backup] = verdict;
        return by_name;
    }
};

}  // namespace

TEST_F(CopiedAttempt, PushesNoOtherRestorePointOut) {
    back_up("one", 1, "0a1b2c3d");
    back_up("two", 2, "1a1b2c3d");
    copy("two", "two1");
    copy("two", "two2");
    auto all = verdicts();
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all["one"].reason, Reason::within_rules);
    EXPECT_EQ(all["two"].reason, Reason::within_rules);
    for (auto const* name : {"two1", "two2"}) {
        EXPECT_TRUE(all[name].keep);
        EXPECT_EQ(all[name].reason, Reason::renamed_by_hand) << name;
    }
    EXPECT_EQ(core::copied_by_hand(stored()), (std::vector<bool>{false, false, true, true}));
}

TEST_F(CopiedAttempt, IsTheRestorePointOnceTheOriginalIsGone) {
    back_up("one", 1, "0a1b2c3d");
    back_up("two", 2, "1a1b2c3d");
    copy("two", "two1");
    fs::remove_all(share_ / "two");
    EXPECT_EQ(verdicts()["two1"].reason, Reason::within_rules);
    EXPECT_EQ(core::copied_by_hand(stored()), (std::vector<bool>{false, false}));
}

TEST_F(CopiedAttempt, IsCountedOnceBesideACopyThatKeepsTheName) {
    back_up("two", 2, "1a1b2c3d");
    copy("two", "two1");
    fs::copy(share_ / "two", share_ / "two - Copy", fs::copy_options::recursive);
    auto const copied = core::copied_by_hand(stored());
    EXPECT_EQ(std::count(copied.begin(), copied.end(), true), 2);
}

TEST_F(CopiedAttempt, BackupsWithoutAnAttemptAreNeverTakenForCopies) {
    back_up("one", 1, "");
    copy("one", "one1");
    auto all = verdicts();
    EXPECT_EQ(all["one"].reason, Reason::within_rules);
    EXPECT_EQ(all["one1"].reason, Reason::within_rules);
}

TEST_F(CopiedAttempt, TwoAttemptsOfOneMomentAreTwoRestorePoints) {
    back_up("one", 1, "0a1b2c3d");
    back_up("other", 1, "1a1b2c3d");
    EXPECT_EQ(core::copied_by_hand(stored()), (std::vector<bool>{false, false}));
}

}  // namespace sb::catalog
