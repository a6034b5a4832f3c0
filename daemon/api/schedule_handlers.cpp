#include "daemon/api/schedule_handlers.hpp"

#include "daemon/api/still_wanted.hpp"
#include "daemon/api/to_rpc.hpp"
#include "daemon/core/possible_links.hpp"

#include <algorithm>

namespace sb::api {
namespace {

using control::Caller;
using engine::Scheduler;

task<Result<rpc::StartRun::Reply>> start_run(Scheduler& scheduler, Caller caller) {
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    std::function<Result<void>()> is_wanted = [caller] { return still_wanted(caller); };
    auto const started = co_await scheduler.start_now(std::move(is_wanted));
    if (!started) co_return started.error();
    rpc::StartRun::Reply reply;
    reply.run = to_rpc(started->run);
    reply.joined = started->joined;
    co_return reply;
}

task<Result<rpc::GetRun::Reply>> get_run(Scheduler& scheduler, rpc::GetRun::Params params) {
    constexpr std::size_t all_kept = 1000;
    std::size_t const wanted = params.run == 0 ? 1 : all_kept;
    auto const runs = co_await scheduler.runs(wanted);
    if (!runs) co_return runs.error();
    for (auto const& run : *runs) {
        if (params.run != 0 && run.id != params.run) continue;
        rpc::GetRun::Reply reply;
        reply.run = to_rpc(run);
        co_return reply;
    }
    co_return Error{Errc::not_found,
                    params.run == 0 ? "there has been no run yet" : "there is no run " + std::to_string(params.run)};
}

task<Result<rpc::ListRuns::Reply>> list_runs(Scheduler& scheduler, rpc::ListRuns::Params params) {
    auto const limit = static_cast<std::size_t>(std::clamp(params.limit, 0, 1000));
    auto const runs = co_await scheduler.runs(limit);
    if (!runs) co_return runs.error();
    rpc::ListRuns::Reply reply;
    for (auto const& run : *runs) reply.runs.push_back(to_rpc(run));
    co_return reply;
}

task<Result<rpc::ShowQueue::Reply>> show_queue(ScheduleParts const& parts) {
    if (auto const none = parts.scheduler.why_no_schedule()) co_return *none;
    auto const gathered = co_await parts.scheduler.gather();
    if (!gathered) co_return gathered.error();
    if (gathered->snapshot.cluster_error) co_return *gathered->snapshot.cluster_error;
    rpc::ShowQueue::Reply reply;
    reply.queue = queue_to_rpc(gathered->snapshot, gathered->settings, parts.zone);
    co_return reply;
}

/// A VM that the cluster no longer has, by its backups.
task<Result<core::Vm>> find_gone_vm(ScheduleParts const& parts, std::vector<core::Vm> living,
                                    std::string name_or_uuid) {
    auto const backups = co_await parts.engine.list_backups();
    if (!backups) co_return backups.error();
    auto const present = parts.engine.identity().present();
    core::LinkFacts facts;
    facts.vms = std::move(living);
    for (auto const& backup : *backups) facts.backups.push_back(core::stored_of(backup, present));
    auto const uuid = core::find_earlier_vm(facts, name_or_uuid);
    if (!uuid) co_return uuid.error();
    core::Vm vm;
    vm.uuid = *uuid;
    vm.name = core::name_of_vm(facts.backups, *uuid);
    co_return vm;
}

task<Result<rpc::ExplainVm::Reply>> explain_now(ScheduleParts const& parts, std::string name_or_uuid, StopFlag stop) {
    auto const vms = co_await parts.engine.list_vms();
    if (!vms) co_return vms.error();
    auto vm = engine::find_vm(*vms, name_or_uuid);
    if (!vm && vm.error().code == Errc::not_found) {
        std::vector<core::Vm> living = *vms;
        auto gone = co_await find_gone_vm(parts, std::move(living), std::move(name_or_uuid));
        if (gone) vm = std::move(*gone);
    }
    if (!vm) co_return vm.error();
    rpc::ExplainVm::Reply reply;
    reply.vm = vm->name;
    reply.vm_uuid = vm->uuid.text();
    if (parts.scheduler.why_no_schedule()) {
        reply.explanation = {"There is no [Schedule] in the configuration, so it is not backed up automatically."};
        co_return reply;
    }
    auto const facts = co_await parts.scheduler.why_facts(*vm);
    if (!facts) co_return facts.error();
    auto const shared = std::make_shared<engine::Scheduler::WhyFacts const>(*facts);
    auto work = [shared, uuid = vm->uuid, stop, zone = parts.zone_now()] {
        auto const must_stop = [stop] { return stop.is_set(); };
        return core::why(uuid, shared->forecast, shared->failure, shared->days_ahead, *zone, must_stop);
    };
    reply.explanation = co_await parts.plan_thread.run(std::move(work));
    if (stop.is_set()) co_return Error{Errc::cancelled, "the explanation was stopped"};
    co_return reply;
}

task<Result<rpc::ExplainVm::Reply>> explain_vm(ScheduleParts const& parts, rpc::ExplainVm::Params params,
                                               Caller caller) {
    auto work = [&parts, name = params.vm](StopFlag stop) { return explain_now(parts, name, stop); };
    co_return co_await parts.explanations.run(std::move(params.vm), caller.departure, std::move(work));
}

task<Result<rpc::Forecast::Reply>> simulate(ScheduleParts const& parts, int days, StopFlag stop) {
    if (auto const none = parts.scheduler.why_no_schedule()) co_return *none;
    auto gathered = co_await parts.scheduler.gather();
    if (!gathered) co_return gathered.error();
    if (gathered->snapshot.cluster_error) co_return *gathered->snapshot.cluster_error;
    auto const possible = core::check_forecast_size(days, gathered->snapshot.facts.vms.size());
    if (!possible) co_return possible.error();
    bool const paused = gathered->settings.paused;
    auto facts = std::make_shared<core::ForecastFacts>(engine::forecast_facts(std::move(*gathered)));
    auto work = [facts, days, paused, stop, zone = parts.zone_now()] {
        auto const must_stop = [&stop] { return stop.is_set(); };
        return to_rpc(core::simulate(std::move(*facts), days, *zone, must_stop), paused);
    };
    auto reply = co_await parts.plan_thread.run(std::move(work));
    if (stop.is_set()) co_return Error{Errc::cancelled, "the simulation was stopped"};
    co_return reply;
}

task<Result<rpc::Forecast::Reply>> forecast(ScheduleParts const& parts, rpc::Forecast::Params params, Caller caller) {
    if (params.days < 1 || params.days > 366)
        co_return Error{Errc::invalid_params, "days must be 1 to 366, not " + std::to_string(params.days)};
    auto work = [&parts, days = params.days](StopFlag stop) { return simulate(parts, days, stop); };
    auto key = std::to_string(params.days);
    co_return co_await parts.forecasts.run(std::move(key), caller.departure, std::move(work));
}

task<Result<rpc::PauseSchedule::Reply>> pause(Scheduler& scheduler, rpc::PauseSchedule::Params params, Caller caller) {
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    auto const set = co_await scheduler.set_paused(params.paused);
    if (!set) co_return set.error();
    rpc::PauseSchedule::Reply reply;
    reply.paused = scheduler.paused();
    co_return reply;
}

task<Result<rpc::AcceptClock::Reply>> accept_clock(ScheduleParts const& parts, Caller caller) {
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    auto const accepted = co_await parts.clock.accept();
    if (!accepted) co_return accepted.error();
    parts.scheduler.check_again();
    rpc::AcceptClock::Reply reply;
    reply.time = accepted->time;
    reply.remark = accepted->remark;
    co_return reply;
}

/// Of an order of many steps: some may be done.
Result<void> still_orders(Caller const& caller) {
    if (!caller.is_gone()) return boost::system::in_place_value;
    return Error{Errc::refused, "the client that ordered it has ended"};
}

task<Result<rpc::PruneBackups::Reply>> prune(Scheduler& scheduler, rpc::PruneBackups::Params params, Caller caller) {
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    std::function<Result<void>()> is_wanted = [caller] { return still_orders(caller); };
    auto const pruned = co_await scheduler.clean_up().prune(params.confirmed, std::move(is_wanted));
    if (!pruned) co_return pruned.error();
    scheduler.check_again();  // what did not fit may fit now
    rpc::PruneBackups::Reply reply;
    reply.deleted = pruned->deleted;
    reply.problems = pruned->problems;
    co_return reply;
}

task<Result<rpc::ShowRetention::Reply>> show_retention(Scheduler& scheduler) {
    scheduler.folders_changed();  // prune lists the folders again, and both must see the same
    auto const retention = co_await scheduler.clean_up().evaluate();
    if (!retention) co_return retention.error();
    rpc::ShowRetention::Reply reply;
    reply.backups = to_rpc(retention->backups, retention->verdicts, retention->policy);
    reply.needs_confirmation = core::needs_confirmation(retention->verdicts);
    co_return reply;
}

task<Result<rpc::ProtectBackup::Reply>> protect(ScheduleParts const& parts, rpc::ProtectBackup::Params params,
                                                Caller caller) {
    auto name = co_await parts.engine.backup_name(std::move(params.backup));
    if (!name) co_return name.error();
    // Not while it is being deleted.
    auto const lease = parts.engine.leases().share(*name);
    if (!lease) co_return Error{Errc::refused, "backup '" + *name + "' is being deleted"};
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    auto const backup = co_await parts.catalog.set_protected(std::move(*name), params.is_protected);
    if (!backup) co_return backup.error();
    parts.scheduler.folders_changed();
    rpc::ProtectBackup::Reply reply;
    reply.backup = to_rpc(*backup, parts.engine.identity().present());
    co_return reply;
}

task<Result<rpc::TestMail::Reply>> test_mail(ScheduleParts const& parts) {
    auto message = notify::test_message(parts.origin());
    auto const sent = co_await parts.mail.send_now(std::move(message));
    if (!sent) co_return sent.error();
    rpc::TestMail::Reply reply;
    reply.recipients = parts.recipients();
    co_return reply;
}

}  // namespace

void register_schedule_handlers(control::Server& server, ScheduleParts const& parts) {
    auto& scheduler = parts.scheduler;
    server.on<rpc::StartRun>(
        [&scheduler](rpc::StartRun::Params, Caller caller) { return start_run(scheduler, std::move(caller)); });
    server.on<rpc::GetRun>([&scheduler](rpc::GetRun::Params params, Caller) { return get_run(scheduler, params); });
    server.on<rpc::ListRuns>(
        [&scheduler](rpc::ListRuns::Params params, Caller) { return list_runs(scheduler, params); });
    server.on<rpc::ShowQueue>([&parts](rpc::ShowQueue::Params, Caller) { return show_queue(parts); });
    server.on<rpc::ExplainVm>([&parts](rpc::ExplainVm::Params params, Caller caller) {
        return explain_vm(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::Forecast>(
        [&parts](rpc::Forecast::Params params, Caller caller) { return forecast(parts, params, std::move(caller)); });
    server.on<rpc::PauseSchedule>([&scheduler](rpc::PauseSchedule::Params params, Caller caller) {
        return pause(scheduler, params, std::move(caller));
    });
    server.on<rpc::AcceptClock>(
        [&parts](rpc::AcceptClock::Params, Caller caller) { return accept_clock(parts, std::move(caller)); });
    server.on<rpc::PruneBackups>([&scheduler](rpc::PruneBackups::Params params, Caller caller) {
        return prune(scheduler, params, std::move(caller));
    });
    server.on<rpc::ShowRetention>(
        [&scheduler](rpc::ShowRetention::Params, Caller) { return show_retention(scheduler); });
    server.on<rpc::ProtectBackup>([&parts](rpc::ProtectBackup::Params params, Caller caller) {
        return protect(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::TestMail>([&parts](rpc::TestMail::Params, Caller) { return test_mail(parts); });
}

}  // namespace sb::api
