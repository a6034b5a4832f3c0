#pragma once
// A player that tries to make the engine break its promises: a cluster, a share, a journal, a clock and people, all
// moved by a seed, and a small model that shares nothing with the engine and looks on.
//
// Not yet played, because the engine has nothing against it yet:
// - two clusters or two daemons on one share, a reload to another cluster;
// - the deletion of a backup during its restore;
// - a share that goes while a PreBackup hook runs: the order that follows is left out of the promise;
// - a new job whose record is in the journal although its write was reported as failed: the next start runs it;
// - verifications, adoption, operations on disks.

#include "daemon/engine/scheduler.hpp"
#include "tests/simulation/adversary_ports.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace sb::test::adversary {

// clang-format off
enum class Act {
    wait, calm,
    remove_copy, remove_landing, copy_by_hand, rename_by_hand, foreign_folder, take_name, damage_manifest,
    small_step, large_step, set_clock_right, hide_cluster_clock,
    kill, stop, boot,
    share_full, share_read_only, share_gone, folder_unreadable, rename_refused,
    journal_full, journal_slow, write_fails, write_unconfirmed,
    answer_lost, request_lost, answer_late, answer_ambiguous, order_refused,
    task_fails, task_stuck, task_queued, tags_expire, tasks_unlisted, task_of_other_user,
    cluster_unreachable, list_incomplete, vm_missing,
    vm_added, vm_deleted,
    hooks_change, hook_fails, hook_slow, hooks_delayed,
    copy_unreadable, image_cut, hook_moves, clean_up_disturbed,
    cancel, manual_backup, manual_name_again, restore, prune, pause, start_run, delete_copy, undelete, accept,
    retention, concurrency, window,
    count
};
// clang-format on
inline constexpr auto acts = static_cast<std::size_t>(Act::count);
char const* name_of(Act act);

/// What happens, and how long nothing else does then. Its seed is its own, so that others can be left out.
struct Move {
    Act act{};
    std::uint32_t seed = 0;
    Milliseconds then{0};
};

struct Violation {
    char promise;  ///< as in adversary_invariants.cpp; 'x' = the engine crashed
    std::string text;
    std::size_t move = 0;
};

/// What the model knows about an export that the engine ordered.
struct Export {
    std::string landing;
    VmUuid vm;
    TaskTag tag;  ///< empty = the cluster never got the order
    bool scheduled = false;
    bool whole = false;     ///< the cluster has written all of it
    bool failed = false;    ///< ... or will never do so
    bool flushed = true;    ///< false: the machine lost power before its manifest was written
    bool touched = false;   ///< by a person
    bool given_up = false;  ///< its tag expired, or a person ordered another one, which lets the schedule go on
    bool cut = false;       ///< it ended early, its task is forgotten, and its files look complete
};

struct World final : Observer {
    using Random = std::mt19937;

    explicit World(std::uint32_t seed);
    ~World() override;

    void play(Move const& move);
    /// All faults end; three days later everything must be in order.
    void calm();

    // ---- what the moves use (adversary_actions.cpp)
    void struck(Act act) { ++strikes[static_cast<std::size_t>(act)]; }
    /// Something changed that the engine may need a moment to act on.
    void disturb() { disturbed_at = time.steady_now(); }
    void heal_after(Milliseconds length, std::function<void()> heal);
    template <class T>
    void ask(task<T> call, std::function<void(T const&)> answered);
    void set_right_clock();
    bool is_running() const { return life != nullptr && gate.is_open(); }
    void kill_now();
    void stop();
    void add_vm();
    void remove_by_hand(std::string const& backup);
    core::Vm const* some_vm(Random& random) const;
    std::string some_copy(Random& random) const;
    core::Job const* some_job(Random& random, bool exporting) const;
    void submitted(core::Job const& job);

    // ---- what the model says (adversary_invariants.cpp)
    void broken(char promise, std::string text);
    void note(core::Job const& job);
    void check();
    void check_memory();
    void check_order(std::vector<JobId> const& unfinished_before);
    void check_lists();
    void check_due();
    bool is_living(VmUuid const& vm) const;
    std::vector<std::string> restorable_copies(VmUuid const& vm);
    Export* export_of(std::string const& landing);
    Export* export_in(std::string const& backup);
    core::Job const* job_of(std::string const& attempt) const;
    void look_at_tasks();

    // ---- Observer
    FakeCatalog& share() override { return share_gone ? below : catalog; }
    void ordered(ports::ExportOrder const& order) override;
    void importing(ports::ImportOrder const& order) override;
    void hide(ports::Vms& vms) override;
    std::optional<Error> why_not_whole(std::string const& folder) override;
    std::optional<Error> why_not_removable() override;
    void removing(std::string const& folder) override;
    void looking(std::string const& folder) override;
    void discarding(std::string const& landing) override;
    void rename_answered(Result<std::string> const& name) override;
    task<void> write() override;
    void wrote(bool is_written) override;
    bool lies_about_write() override;
    void hook_ran(HookKind kind, ports::HookVariables const& variables) override;

    // ---- the world
    asio::io_context io{1};
    ManualTime time{io};
    Gate gate{io};
    FakeCluster cluster{time};
    FakeCatalog catalog, below;  ///< `below`: what is there while the share is not mounted
    FakeJournal journal;
    FakeHooks hooks{time};
    GatedCluster gated_cluster{cluster, gate, *this};
    GatedCatalog gated_catalog{gate, *this};
    GatedJournal gated_journal{journal, gate, *this};
    GatedHooks gated_hooks{hooks, gate, *this};
    FakeAlerts alerts;
    RuleZone zone = utc();
    engine::ScheduleSettings settings;
    int boots = 1;

    bool share_gone = false, share_read_only = false;
    Milliseconds journal_takes{0};         ///< each write
    int unconfirmed_in = 0;                ///< the nth write from here is not confirmed
    std::map<VmUuid, SteadyTime> missing;  ///< VMs that the list lacks until then
    std::set<TaskTag> stuck, queued;
    Act stopping = Act::kill;  ///< what the armed kill counts as
    bool hook_moves = false;   ///< the PostBackup hook takes the backup away
    int disturbed_in = 0;      ///< at the nth look at a copy from here, a person removes another one of its VM
    std::set<std::string> deleted_by_person;
    std::map<VmUuid, SteadyTime> taken_away;  ///< when a person last deleted a copy of it by command
    Milliseconds wrong_by{0};                 ///< of the wall clock
    Milliseconds undelete_for{24h};

    /// One run of the daemon.
    struct Life;
    std::unique_ptr<Life> life;
    std::unique_ptr<TaskGroup> people;  ///< calls of other programs
    void start();
    void bury();

    // ---- what the model remembers
    std::map<std::string, Export> exports;  ///< by attempt
    std::set<std::string> writing;          ///< those that the cluster has begun and not ended
    std::map<JobId, std::string> promised;  ///< answered jobs, with their backups' names
    std::set<JobId> cancelled;              ///< answered cancellations
    std::optional<bool> paused;             ///< as answered; nothing = the answer was lost
    std::set<JobId> ended;
    std::map<VmUuid, SteadyTime> failed_at, known_since;
    SteadyTime disturbed_at{};
    std::map<std::string, int> hook_runs;  ///< delayed hooks, by backup
    int starts = 0;
    std::uint64_t due_checks = 0, deletions = 0, successes = 0;

    std::array<std::uint64_t, acts> strikes{};
    std::optional<Violation> violation;
    std::size_t moves = 0;
    bool tell = false;  ///< prints what happens
    std::map<JobId, core::Phase> told_phases;

private:
    friend struct Life;
    struct Heal {
        SteadyTime at;
        std::function<void()> heal;
    };
    void heal_due(bool all);
    void forget_old_tasks();
    std::vector<Heal> heals_;
    int names_ = 0;

public:
    int next_name() { return ++names_; }
};

struct World::Life {
    std::unique_ptr<engine::ConditionRegistry> conditions;
    std::unique_ptr<engine::ClusterIdentityWatch> identity;
    std::unique_ptr<engine::OwnerWatch> owner;
    std::unique_ptr<engine::OrderGate> orders;
    std::unique_ptr<engine::Trash> trash;
    std::unique_ptr<engine::Evidence> evidence;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<engine::ClockWatch> clock;
    std::unique_ptr<engine::Scheduler> scheduler;
    std::unique_ptr<TaskGroup> group;
    bool is_up = false, has_failed = false;
};

template <class T>
void World::ask(task<T> call, std::function<void(T const&)> answered) {
    auto const wait = [](World& world, task<T> asked, std::function<void(T const&)> done) -> task<void> {
        auto const answer = co_await std::move(asked);
        if (world.gate.is_open()) done(answer);
    };
    life->group->spawn(wait(*this, std::move(call), std::move(answered)));
}

void strike(World& world, Act act, std::mt19937& random);
std::uint32_t weight_of(Act act);

}  // namespace sb::test::adversary
