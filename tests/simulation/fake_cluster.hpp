#pragma once
// A cluster without sockets: tasks run on the manual clock, three at a time, and can be made to misbehave.

#include "daemon/ports/cluster.hpp"
#include "daemon/ports/time.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sb::test {

class FakeCluster final : public ports::Cluster {
public:
    explicit FakeCluster(ports::Time& time) : time_(time) {}

    struct Run {
        TaskTag tag;
        VmUuid vm;
        std::string folder;
        std::string vm_name;
        bool import = false;
        SteadyTime asked{};
        Milliseconds length{0};
        std::string fails_with;  ///< not empty: ERROR at fail_at
        int fail_at = 99;
    };

    // ---- what the test sets
    std::vector<core::Vm> vms;
    bool list_is_complete = true;
    std::map<std::string, Milliseconds> lengths;  ///< by VM name; else `length`
    Milliseconds length{std::chrono::seconds{7}};
    Milliseconds post_delay{0};
    std::map<std::string, Error> refuse_post;       ///< by VM name: nothing is started
    std::set<std::string> lose_answer;              ///< by VM name: started, but the caller gets no answer
    std::set<std::string> lose_request;             ///< by VM name: not started, and the caller gets no answer
    std::map<std::string, std::string> task_error;  ///< by VM name
    std::function<std::optional<Result<core::TaskReport>>(Run const&)> instead_of_report;
    std::optional<Error> unreachable;
    Milliseconds unreachable_after{0};  ///< how long it takes to say so, to those who list the VMs
    std::optional<Error> refuse_list_of_tasks;
    std::map<std::string, int> stuck_at;             ///< by VM name: its task stays RUNNING at this percentage
    std::set<std::string> stays_queued;              ///< by VM name: its task stays QUEUED
    std::set<std::string> never_initialized;         ///< by VM name: its task stays UNINITIALIZED
    bool knows_tags = true;                          ///< false: every tag has expired
    bool lists_tasks = true;                         ///< false: the list of tasks is empty
    bool vms_know_tasks = true;                      ///< false: no VM reports its last task
    bool describes_tasks = true;                     ///< false: no description names a VM
    bool names_objects = true;                       ///< false: no task reports its object
    std::string node = "fake.cluster";               ///< of the node in use
    std::map<std::string, Error> answer_with_error;  ///< by VM name: started anyway
    std::map<std::string, TaskTag> answer_with;      ///< by VM name: the answer to the request names this task

    /// Its clock, which no change of the machine's moves. Until then its replies have no date.
    void show_clock(UtcTime now) { clock_at_zero_ = now - time_.steady_now().time_since_epoch(); }
    void hide_clock() { clock_at_zero_.reset(); }
    bool shows_clock() const { return clock_at_zero_.has_value(); }

    ports::ClusterIdentity is{"11111111-1111-4111-8111-111111111111", "hc-1"};
    std::optional<Error> refuse_identity;
    bool updating = false;
    std::optional<Error> refuse_update_status;

    // ---- what the test checks
    int update_requests = 0;
    int identity_requests = 0;
    int requests = 0;
    int list_requests = 0;
    std::vector<Run> runs;
    std::size_t forget_after =
        0;  ///< finished runs beyond this number are dropped, so that a year stays quick; 0 = never
    std::size_t exports_started = 0;
    std::function<void(Run const&)> on_begin = [](Run const&) {};  ///< the folder appears

    void add_vm(std::string const& name, std::uint64_t allocation = 1 << 20) {
        core::Vm vm;
        vm.uuid = VmUuid{"uuid-" + name + "-" + std::to_string(vms.size())};
        vm.name = name;
        vm.state = "RUNNING";
        vm.disks.push_back({DiskUuid{"disk-" + name}, "VIRTIO_DISK", 10 << 20, allocation});
        vms.push_back(vm);
    }

    task<Result<ports::Vms>> list_vms() override {
        ++requests;
        ++list_requests;
        if (unreachable && unreachable_after.count() > 0) {
            auto const end = time_.steady_now() + unreachable_after;
            co_await time_.sleep_until(end);
        }
        if (unreachable) co_return *unreachable;
        replied_at_ = time_.steady_now();
        ports::Vms all;
        all.assign(vms.begin(), vms.end());
        all.complete = list_is_complete;
        std::map<VmUuid, Run const*> last_of;
        if (vms_know_tasks)
            for (auto const& run : runs) last_of[run.vm] = &run;
        for (auto& vm : all)
            if (auto const it = last_of.find(vm.uuid); it != last_of.end()) vm.last_task = report_of(*it->second);
        co_return all;
    }
    task<Result<core::Vm>> get_vm(VmUuid uuid) override {
        ++requests;
        for (auto const& vm : vms)
            if (vm.uuid == uuid) co_return vm;
        co_return Error{Errc::not_found, "no such VM"};
    }
    task<Result<ports::OrderAccepted>> start_export(ports::ExportOrder order) override {
        auto const it = std::ranges::find(vms, order.vm, &core::Vm::uuid);
        std::string const name = it == vms.end() ? "?" : it->name;
        Run run;
        run.vm = order.vm;
        run.folder = order.folder;
        run.vm_name = name;
        co_return co_await start(std::move(run));
    }
    task<Result<ports::OrderAccepted>> start_import(ports::ImportOrder order) override {
        Run run;
        run.vm = VmUuid{"imported-" + order.vm_name};
        run.folder = order.folder;
        run.vm_name = order.vm_name;
        run.import = true;
        co_return co_await start(std::move(run));
    }
    task<Result<core::TaskReport>> get_task(TaskTag tag) override {
        ++requests;
        if (unreachable) co_return *unreachable;
        replied_at_ = time_.steady_now();
        auto const it = std::find_if(runs.rbegin(), runs.rend(), [&](Run const& run) { return run.tag == tag; });
        if (it == runs.rend() || !knows_tags) {
            core::TaskReport absent;
            absent.tag = tag;
            co_return absent;
        }
        if (instead_of_report)
            if (auto answer = instead_of_report(*it)) co_return *answer;
        co_return report_of(*it);
    }
    task<Result<std::vector<core::TaskReport>>> list_tasks() override {
        ++requests;
        if (unreachable) co_return *unreachable;
        if (refuse_list_of_tasks) co_return *refuse_list_of_tasks;
        std::vector<core::TaskReport> all;
        if (!lists_tasks) co_return all;
        for (auto const& run : runs) all.push_back(report_of(run));
        co_return all;
    }
    std::string host() const override { return node; }
    task<Result<ports::ClusterIdentity>> identity() override {
        ++identity_requests;
        if (unreachable) co_return *unreachable;
        replied_at_ = time_.steady_now();
        if (refuse_identity) co_return *refuse_identity;
        co_return is;
    }
    task<Result<bool>> update_in_progress() override {
        ++update_requests;
        if (unreachable) co_return *unreachable;
        if (refuse_update_status) co_return *refuse_update_status;
        co_return updating;
    }
    std::optional<ports::ClusterDate> latest_date() const override {
        if (!clock_at_zero_ || !replied_at_) return std::nullopt;
        return ports::ClusterDate{*clock_at_zero_ + replied_at_->time_since_epoch(), *replied_at_};
    }

    core::TaskReport report_of(Run const& run) const {
        core::TaskReport report;
        report.tag = run.tag;
        if (names_objects) report.object_uuid = run.vm.text();
        report.description = std::string(run.import ? "Import" : "Export") + " Virtual Machine";
        if (describes_tasks) report.description += " " + run.vm_name;
        auto const done = time_.steady_now() - run.asked;
        report.percent = static_cast<int>(
            std::min<std::int64_t>(100, done.count() * 100 / std::max<std::int64_t>(1, run.length.count())));
        report.state = report.percent >= 100 ? core::TaskState::complete : core::TaskState::running;
        if (!run.fails_with.empty() && report.percent >= run.fail_at) {
            report.state = core::TaskState::error;
            report.message = run.fails_with;
            report.percent = 0;
        }
        if (auto const stuck = stuck_at.find(run.vm_name); stuck != stuck_at.end()) {
            report.state = core::TaskState::running;
            report.percent = stuck->second;
        }
        if (stays_queued.contains(run.vm_name)) report.state = core::TaskState::queued;
        if (never_initialized.contains(run.vm_name)) report.state = core::TaskState::uninitialized;
        bool const has_begun =
            report.state != core::TaskState::queued && report.state != core::TaskState::uninitialized;
        if (!has_begun) report.percent = 0;
        return report;
    }
    int running() const {
        return static_cast<int>(
            std::ranges::count_if(runs, [&](Run const& r) { return report_of(r).state == core::TaskState::running; }));
    }

private:
    task<Result<ports::OrderAccepted>> start(Run run) {
        ++requests;
        if (unreachable) co_return *unreachable;
        if (auto const it = refuse_post.find(run.vm_name); it != refuse_post.end()) co_return it->second;
        Error const unknown{Errc::outcome_unknown, "no answer within 120 s"};
        if (lose_request.contains(run.vm_name)) co_return unknown;
        run.tag = TaskTag{std::to_string(++last_tag_)};
        run.asked = time_.steady_now();
        run.length = lengths.contains(run.vm_name) ? lengths[run.vm_name] : length;
        if (task_error.contains(run.vm_name)) run.fails_with = task_error[run.vm_name];
        if (forget_after > 0 && runs.size() > forget_after)
            runs.erase(runs.begin(), runs.end() - static_cast<std::ptrdiff_t>(forget_after / 2));
        runs.push_back(run);
        ++exports_started;
        on_begin(run);
        if (post_delay > Milliseconds{0}) {
            auto const answered = time_.steady_now() + post_delay;
            co_await time_.sleep_until(answered);
        }
        if (lose_answer.contains(run.vm_name)) co_return unknown;
        if (auto const it = answer_with_error.find(run.vm_name); it != answer_with_error.end()) co_return it->second;
        ports::OrderAccepted taken{run.tag, run.import ? run.vm : VmUuid{}};
        if (auto const it = answer_with.find(run.vm_name); it != answer_with.end()) taken.tag = it->second;
        co_return taken;
    }

    ports::Time& time_;
    std::optional<UtcTime> clock_at_zero_;  ///< when the steady clock was 0
    std::optional<SteadyTime> replied_at_;
    int last_tag_ = 1000;
};

}  // namespace sb::test
