#pragma once
// The schedule with the journal's word on each backup, as the daemon has it.

#include "daemon/engine/claim_check.hpp"
#include "daemon/engine/proofs.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace sb::test {

struct TrustFixture : ScheduleFixture {
    Milliseconds check_takes{0};       ///< each look at the structure
    std::vector<std::string> checked;  ///< backups whose structure was looked at, in this order
    std::unique_ptr<engine::Proofs> proofs;
    std::unique_ptr<engine::ClaimCheck> claims;

    TrustFixture() {
        judges_claims = true;
        on_start = [this] { begin_trust(); };
        check_unchanged = [this](std::string backup) { return proofs->check_unchanged(std::move(backup)); };
    }
    ~TrustFixture() { stop(); }

    void begin_trust() {
        EXPECT_TRUE(get(trusted.load()));
        proofs = std::make_unique<engine::Proofs>(shown, trusted);
        engine::ClaimCheck::Dependencies dependencies{io.get_executor(),
                                                      shown,
                                                      journal,
                                                      time,
                                                      *conditions,
                                                      trusted,
                                                      *proofs,
                                                      [this](std::string backup) { return look(std::move(backup)); },
                                                      [this] { return engine->is_right_storage(); },
                                                      [this] { return in_trash(); },
                                                      [this] { backups_changed(); },
                                                      1h};
        claims = std::make_unique<engine::ClaimCheck>(std::move(dependencies));
        EXPECT_TRUE(get(claims->load()));
        scheduler->guard().also_wait_for([this] { return claims->why_exports_wait(); });
        evidence->on_content_verified([this](std::string const& backup) { proofs->renew(backup); });
        evidence->ask_for_changes([this](std::string backup) { return proofs->check_unchanged(std::move(backup)); });
        group->spawn(claims->run());
    }
    task<Result<void>> look(std::string backup) {
        checked.push_back(backup);
        auto const end = time.steady_now() + check_takes;
        co_await time.sleep_until(end);
        if (auto const it = bad_structure.find(backup); it != bad_structure.end()) co_return it->second;
        co_return boost::system::in_place_value;
    }
    std::set<std::string> in_trash() const {
        std::set<std::string> names;
        for (auto const& deleted : trash->entries()) names.insert(deleted.backup);
        return names;
    }
    void backups_changed() {
        if (!scheduler) return;
        scheduler->folders_changed();
        scheduler->check_again();
    }
    /// The state directory is deleted while the daemon does not run.
    void lose_the_journal() {
        stop();
        journal.jobs.clear();
        journal.runs.clear();
        journal.facts.clear();
        journal.standing.clear();
        journal.trusted.clear();
        cluster.runs.clear();
    }
    std::string only_backup_of(std::string const& vm) const {
        for (auto const& [name, manifest] : catalog.manifests)
            if (manifest.vm_name == vm) return name;
        return {};
    }
    /// Someone who can write to the share copies a backup and writes another name and time into its manifest.
    void plant(std::string const& name, std::string const& like, UtcTime started) {
        auto manifest = catalog.manifests.at(like);
        manifest.backup = name;
        manifest.attempt = "ffffffff";
        manifest.job = 900;
        manifest.started = manifest.completed = started;
        manifest.verified = core::with_verification({}, core::Level::content, started);
        catalog.manifests[name] = manifest;
        catalog.folders.insert(name);
        if (scheduler) scheduler->folders_changed();
    }
    bool is_claim(std::string const& name) { return get(shown.find(name)).value().is_claim; }
};

/// Two VMs that are exported each night, and how their copies are judged.
struct TwoTrustedVms : ::testing::Test {
    TrustFixture fixture;

    TwoTrustedVms() {
        for (auto const* name : {"A", "B"}) fixture.cluster.add_vm(name);
    }
    void first_night() {
        fixture.start();
        fixture.run_until_clock(18h);
        ASSERT_EQ(fixture.cluster.runs.size(), 2u);
    }
    core::Verdict verdict_of(std::string const& backup) {
        auto const retention = fixture.get(fixture.scheduler->clean_up().evaluate());
        for (auto const& verdict : retention.value().verdicts)
            if (verdict.backup == backup) return verdict;
        throw std::runtime_error("no verdict on " + backup);
    }
};

}  // namespace sb::test
