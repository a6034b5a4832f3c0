#pragma once
// A player that tries to make the engine break its promises: a cluster, a share, a journal, a clock and people, all
// moved by a seed, and a small model that shares nothing with the engine and looks on.
//
// Not yet played, because the engine has nothing against it yet:
// - a reload to another cluster (tests/simulation/cluster_identity_test.cpp plays single ones);
// - the deletion of a backup during its restore;
// - a share that goes while a PreBackup hook runs: the order that follows is left out of the promise;
// - a new job whose record is in the journal although its write was reported as failed: the next start runs it;
// - verifications, adoption, operations on disks.
//
// A move that finds nothing to harm waits until it does, and counts then: see World::postpone().

#include "tests/simulation/adversary_guards.hpp"
#include "tests/simulation/adversary_life.hpp"

#include <array>
#include <cstdint>
#include <deque>
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
    share_full, share_read_only, share_gone, share_hangs, folder_unreadable, rename_refused, owner_file_removed,
    journal_full, journal_slow, write_fails, write_unconfirmed, journal_lost, journal_put_back,
    answer_lost, request_lost, answer_late, answer_ambiguous, order_refused,
    task_fails, task_stuck, task_queued, tags_expire, tasks_unlisted, task_of_other_user,
    cluster_unreachable, cluster_updates, list_incomplete, vm_missing,
    vm_added, vm_deleted,
    hooks_change, hook_fails, hook_slow, hooks_delayed,
    copy_unreadable, image_cut, hook_moves, clean_up_disturbed,
    cancel, manual_backup, manual_name_again, restore, prune, pause, start_run, delete_copy, undelete, accept, link,
    retention, concurrency, window, interval, tag, limits, undelete_time, reload,
    other_cluster, second_installation,
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
    Observer const* by = nullptr;     ///< the daemon that ordered it
    FakeCluster const* at = nullptr;  ///< its cluster
    std::string landing;
    VmUuid vm;
    TaskTag tag;             ///< empty = the cluster never got the order
    bool forgotten = false;  ///< by the journal: it was lost, or an older one was put back
    bool may_stay = false;   ///< in its landing folder: no record says that it is to get its name
    bool scheduled = false;
    bool whole = false;     ///< the cluster has written all of it
    bool failed = false;    ///< ... or will never do so
    bool flushed = true;    ///< false: the machine lost power before its manifest was written
    bool touched = false;   ///< by a person
    bool given_up = false;  ///< its tag expired, or a person ordered another one, which lets the schedule go on
    bool cut = false;       ///< it ended early, its task is forgotten, and its files look complete
};

struct Neighbour;

struct World final : Observer {
    using Random = std::mt19937;

    explicit World(std::uint32_t seed);
    ~World() override;

    void play(Move const& move);
    /// All faults end; three days later everything must be in order.
    void calm();

    // ---- what the moves use (adversary_actions.cpp)
    void struck(Act act) { ++strikes[static_cast<std::size_t>(act)]; }
    /// A fault begins; it counts when the engine meets it, once.
    void begin(Act act) { begun.insert(act); }
    void met(Act act) {
        if (begun.erase(act) > 0) struck(act);
    }
    /// The move found nothing to harm, and comes again later.
    void postpone(Act act, unsigned tries = 0);
    /// Strikes now, or lies in wait for its moment.
    void begin(Move const& move);
    /// Something changed that the engine may need a moment to act on.
    void disturb() { disturbed_at = time.steady_now(); }
    void heal_after(Milliseconds length, std::function<void()> heal);
    template <class T>
    void ask(task<T> call, std::function<void(T const&)> answered);
    void set_right_clock();
    bool is_running() const { return life != nullptr && gate.is_open(); }
    bool is_up() const { return is_running() && life->is_up; }
    void kill_now();
    void stop();
    void add_vm();
    void remove_by_hand(std::string const& backup);
    core::Vm const* some_vm(Random& random) const;
    std::string some_copy(Random& random) const;
    core::Job const* some_job(Random& random, bool exporting) const;
    void submitted(core::Job const& job);
    /// The daemon's journal is this one from now on: what it told of later jobs is no longer a promise.
    void forget_after(FakeJournal const& known);
    Neighbour& neighbour(bool same_cluster);

    // ---- what the model says (adversary_invariants.cpp)
    void broken(char promise, std::string text);
    void note(core::Job const& job);
    void check();
    void check_memory();
    void check_order(std::vector<JobId> const& unfinished_before);
    void decide_surplus();
    void check_lists();
    void check_due();
    static bool is_living(Export const& mine);
    /// The VM as whose its copies count: the last one of those that continue it, as a person said, or itself.
    VmUuid counted_as(VmUuid vm) const;
    /// The living VM that continues this one, as a person said; nothing if there is none.
    std::optional<VmUuid> continued_by(VmUuid vm) const;
    std::vector<std::string> restorable_copies(VmUuid const& vm);
    void tell_copies(VmUuid const& vm);
    Export* export_of(std::string const& landing);
    Export* export_in(std::string const& backup);
    void look_at_tasks();

    // ---- Observer
    FakeCatalog& share() override;
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
    task<void> hang() override;
    void refused_write() override { met(Act::share_read_only); }
    void update_shown() override { met(Act::cluster_updates); }
    // The same for each daemon of the share.
    void ordered_by(Observer const& by, FakeCluster const& at, FakeJournal const& records,
                    ports::ExportOrder const& order);
    void begun_at(FakeCluster& at, FakeCluster::Run const& run);
    void removing_by(Observer const& by, std::string const& folder);
    void discarding_by(Observer const& by, FakeJournal const& records, std::string const& landing);
    void check_success(core::Job const& job);
    static core::Job const* job_in(FakeJournal const& records, std::string const& attempt);
    void strike_order(std::string const& vm);

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
    engine::Limits limits;
    int boots = 1;

    bool share_gone = false, share_read_only = false;
    SteadyTime hangs_until{};                       ///< calls into the share
    std::optional<FakeJournal> kept_journal;        ///< an earlier copy of the state directory
    int interval_days = 1;                          ///< as `settings`
    std::string ordering;                           ///< the VM whose export is being ordered
    std::set<Act> begun;                            ///< faults that the engine has not met yet
    std::deque<Move> at_order, at_export, at_look;  ///< they lie in wait
    Milliseconds journal_takes{0};                  ///< each write
    int unconfirmed_in = 0;                         ///< the nth write from here is not confirmed
    std::map<VmUuid, SteadyTime> missing;           ///< VMs that the list lacks until then
    std::set<TaskTag> stuck, queued;
    Act stopping = Act::kill;  ///< what the armed kill counts as
    bool hook_moves = false;   ///< the PostBackup hook takes the backup away
    std::set<std::string> deleted_by_person;
    std::map<VmUuid, SteadyTime> taken_away;  ///< when a person last deleted a copy of it by command
    Milliseconds wrong_by{0};                 ///< of the wall clock
    Milliseconds undelete_for{24h};

    std::unique_ptr<Life> life;  ///< one run of the daemon
    std::unique_ptr<Neighbour> other, twin;
    std::unique_ptr<TaskGroup> people;  ///< calls of other programs
    void start();
    void bury();

    // ---- what the model remembers
    std::map<std::string, Export> exports;  ///< by attempt
    std::set<std::string> writing;          ///< those that the cluster has begun and not ended
    std::map<JobId, std::string> promised;  ///< answered jobs, with their backups' names
    std::set<JobId> cancelled;              ///< answered cancellations
    std::map<VmUuid, VmUuid> links;         ///< answered: VMs that are gone, and those that continue them
    std::optional<bool> paused;             ///< as answered; nothing = the answer was lost
    std::set<JobId> ended;
    std::map<VmUuid, SteadyTime> failed_at, known_since;
    SteadyTime disturbed_at{};
    std::map<std::string, int> hook_runs;  ///< delayed hooks, by backup
    int starts = 0;
    std::uint64_t due_checks = 0, deletions = 0, successes = 0;
    Guards guards;

    std::array<std::uint64_t, acts> strikes{};
    std::optional<Violation> violation;
    std::size_t moves = 0;
    bool tell = false;     ///< prints what happens
    bool is_calm = false;  ///< nothing strikes
    std::map<JobId, core::Phase> told_phases;

private:
    struct Heal {
        SteadyTime at;
        std::function<void()> heal;
    };
    struct Postponed {
        Act act{};
        unsigned tries = 0;
    };
    void heal_due(bool all);
    void try_postponed();
    void forget_old_tasks();
    std::vector<Heal> heals_;
    std::deque<Postponed> postponed_;
    int names_ = 0;

public:
    int next_name() { return ++names_; }
};

template <class T>
void World::ask(task<T> call, std::function<void(T const&)> answered) {
    auto const wait = [](World& world, task<T> asked, std::function<void(T const&)> done) -> task<void> {
        auto const answer = co_await std::move(asked);
        if (world.gate.is_open()) done(answer);
    };
    life->group->spawn(wait(*this, std::move(call), std::move(answered)));
}

/// False: it found nothing to harm.
bool strike(World& world, Act act, std::mt19937& random);
enum class Moment { now, order, exporting, reading };
Moment moment_of(Act act);
std::uint32_t weight_of(Act act);

}  // namespace sb::test::adversary
