#include "daemon/api/schedule_handlers.hpp"

#include "daemon/api/still_wanted.hpp"
#include "daemon/api/to_rpc.hpp"
#include "daemon/api/vms_for.hpp"
#include "daemon/core/possible_links.hpp"

#include <algorithm>

namespace sb::api {
namespace {

using control::Caller;
using control::SharedReply;
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

/// As many as may be needed to find it: ids increase by one or more, and `runs` begins with the newest.
std::size_t depth_of_run(core::Run const& newest, core::RunId wanted) {
    constexpr std::uint64_t all_kept = 1000;
    return static_cast<std::size_t>(newest.id < wanted ? 0 : std::min(newest.id - wanted + 1, all_kept));
}

task<Result<SharedReply<rpc::GetRun>>> get_run_now(ScheduleParts const& parts, core::RunId id) {
    auto runs = co_await parts.scheduler.runs(1);
    if (!runs) co_return runs.error();
    if (id == 0 && runs->empty()) co_return Error{Errc::not_found, "there has been no run yet"};
    bool const is_older = id != 0 && !runs->empty() && runs->front().id != id;
    if (is_older) {
        auto const depth = depth_of_run(runs->front(), id);
        runs = co_await parts.scheduler.runs(depth);
        if (!runs) co_return runs.error();
    }
    for (auto const& run : *runs) {
        if (id != 0 && run.id != id) continue;
        rpc::GetRun::Reply reply;
        reply.run = to_rpc(run);
        co_return std::make_shared<rpc::GetRun::Reply const>(std::move(reply));
    }
    co_return Error{Errc::not_found, "there is no run " + std::to_string(id)};
}

task<Result<SharedReply<rpc::GetRun>>> get_run(ScheduleParts const& parts, rpc::GetRun::Params params, Caller caller) {
    auto work = [&parts, id = params.run](StopFlag) { return get_run_now(parts, id); };
    auto key = std::to_string(params.run);
    co_return co_await parts.long_calls.single_runs.run(std::move(key), caller.departure, std::move(work),
                                                        goes_first(caller));
}

task<Result<SharedReply<rpc::ListRuns>>> list_runs_now(ScheduleParts const& parts, std::size_t limit) {
    auto runs = co_await parts.scheduler.runs(limit);
    if (!runs) co_return runs.error();
    auto work = [runs = std::move(*runs)] {
        rpc::ListRuns::Reply reply;
        for (auto const& run : runs) reply.runs.push_back(to_rpc(run));
        return reply;
    };
    co_return co_await reply_on<rpc::ListRuns>(parts.long_calls.list_threads, std::move(work));
}

task<Result<SharedReply<rpc::ListRuns>>> list_runs(ScheduleParts const& parts, rpc::ListRuns::Params params,
                                                   Caller caller) {
    auto const limit = static_cast<std::size_t>(std::clamp(params.limit, 0, 1000));
    auto work = [&parts, limit](StopFlag) { return list_runs_now(parts, limit); };
    auto key = std::to_string(limit);
    co_return co_await parts.long_calls.runs.run(std::move(key), caller.departure, std::move(work), goes_first(caller));
}

std::vector<std::string> problems_of(engine::ScheduleSnapshot const& snapshot) {
    if (snapshot.cluster_problem.empty()) return {};
    return {snapshot.cluster_problem};
}

task<Result<SharedReply<rpc::ShowQueue>>> show_queue_now(ScheduleParts const& parts) {
    if (auto const none = parts.scheduler.why_no_schedule()) co_return *none;
    auto gathered = co_await parts.scheduler.gather();
    if (!gathered) co_return gathered.error();
    if (gathered->snapshot.cluster_error) co_return *gathered->snapshot.cluster_error;
    auto work = [gathered = std::move(*gathered), zone = parts.zone_now()] {
        rpc::ShowQueue::Reply reply;
        reply.problems = problems_of(gathered.snapshot);
        reply.queue = queue_to_rpc(gathered.snapshot, gathered.settings, *zone);
        return reply;
    };
    co_return co_await reply_on<rpc::ShowQueue>(parts.long_calls.list_threads, std::move(work));
}

task<Result<SharedReply<rpc::ShowQueue>>> show_queue(ScheduleParts const& parts, Caller caller) {
    auto work = [&parts](StopFlag) { return show_queue_now(parts); };
    std::string whole;
    co_return co_await parts.long_calls.queue.run(std::move(whole), caller.departure, std::move(work),
                                                  goes_first(caller));
}

/// A VM that the cluster no longer has, by its backups.
task<Result<core::Vm>> find_gone_vm(ScheduleParts const& parts, std::vector<core::Vm> living,
                                    std::string name_or_uuid) {
    auto backups = co_await parts.engine.list_backups();
    if (!backups) co_return backups.error();
    auto search = [backups = std::move(*backups), present = parts.engine.identity().present(),
                   living = std::move(living), wanted = std::move(name_or_uuid)]() mutable -> Result<core::Vm> {
        core::LinkFacts facts;
        facts.vms = std::move(living);
        for (auto const& backup : backups) facts.backups.push_back(core::stored_of(backup, present));
        auto const uuid = core::find_earlier_vm(facts, wanted);
        if (!uuid) return uuid.error();
        core::Vm vm;
        vm.uuid = *uuid;
        vm.name = core::name_of_vm(facts.backups, *uuid);
        return vm;
    };
    co_return co_await parts.long_calls.list_threads.run(std::move(search));
}

task<Result<SharedReply<rpc::ExplainVm>>> explain_now(ScheduleParts const& parts, control::Rank rank,
                                                      std::string name_or_uuid, StopFlag stop) {
    auto const known = co_await known_vms_for(rank, parts.engine);
    if (!known.vms) co_return known.vms.error();
    auto vm = engine::find_vm(*known.vms, name_or_uuid);
    if (!vm && vm.error().code == Errc::not_found) {
        std::vector<core::Vm> living = *known.vms;
        auto gone = co_await find_gone_vm(parts, std::move(living), std::move(name_or_uuid));
        if (gone) vm = std::move(*gone);
    }
    if (!vm) co_return vm.error();
    rpc::ExplainVm::Reply reply;
    reply.vm = vm->name;
    reply.vm_uuid = vm->uuid.text();
    if (parts.scheduler.why_no_schedule()) {
        reply.explanation = {"There is no [Schedule] in the configuration, so it is not backed up automatically."};
        co_return std::make_shared<rpc::ExplainVm::Reply const>(std::move(reply));
    }
    auto facts = co_await parts.scheduler.why_facts(*vm);
    if (!facts) co_return facts.error();
    auto work = [facts = std::move(*facts), uuid = vm->uuid, reply = std::move(reply), stop, problem = known.problem,
                 zone = parts.zone_now()]() mutable {
        auto const must_stop = [&stop] { return stop.is_set(); };
        reply.explanation = core::why(uuid, facts.forecast, facts.failure, facts.days_ahead, *zone, must_stop);
        if (!problem.empty()) reply.explanation.insert(reply.explanation.begin(), problem + ".");
        return std::move(reply);
    };
    auto explained = co_await reply_on<rpc::ExplainVm>(parts.long_calls.plan_thread, std::move(work));
    if (stop.is_set()) co_return Error{Errc::cancelled, "the explanation was stopped"};
    co_return explained;
}

task<Result<SharedReply<rpc::ExplainVm>>> explain_vm(ScheduleParts const& parts, rpc::ExplainVm::Params params,
                                                     Caller caller) {
    auto const rank = caller.rank;
    auto key = (goes_first(caller) ? "with a login: " : "without: ") + params.vm;
    auto work = [&parts, rank, name = std::move(params.vm)](StopFlag stop) {
        return explain_now(parts, rank, name, stop);
    };
    co_return co_await parts.long_calls.explanations.run(std::move(key), caller.departure, std::move(work),
                                                         goes_first(caller));
}

task<Result<SharedReply<rpc::Forecast>>> simulate(ScheduleParts const& parts, int days, StopFlag stop) {
    if (auto const none = parts.scheduler.why_no_schedule()) co_return *none;
    auto gathered = co_await parts.scheduler.gather();
    if (!gathered) co_return gathered.error();
    if (gathered->snapshot.cluster_error) co_return *gathered->snapshot.cluster_error;
    auto const possible = core::check_forecast_size(days, gathered->snapshot.facts.vms.size());
    if (!possible) co_return possible.error();
    bool const paused = gathered->settings.paused;
    auto problems = problems_of(gathered->snapshot);
    auto work = [facts = engine::forecast_facts(std::move(*gathered)), days, paused, stop,
                 problems = std::move(problems), zone = parts.zone_now()]() mutable {
        auto const must_stop = [&stop] { return stop.is_set(); };
        auto reply = to_rpc(core::simulate(std::move(facts), days, *zone, must_stop), paused);
        reply.warnings.insert(reply.warnings.begin(), problems.begin(), problems.end());
        return reply;
    };
    auto simulated = co_await reply_on<rpc::Forecast>(parts.long_calls.plan_thread, std::move(work));
    if (stop.is_set()) co_return Error{Errc::cancelled, "the simulation was stopped"};
    co_return simulated;
}

task<Result<SharedReply<rpc::Forecast>>> forecast(ScheduleParts const& parts, rpc::Forecast::Params params,
                                                  Caller caller) {
    if (params.days < 1 || params.days > 366)
        co_return Error{Errc::invalid_params, "days must be 1 to 366, not " + std::to_string(params.days)};
    auto work = [&parts, days = params.days](StopFlag stop) { return simulate(parts, days, stop); };
    auto key = std::to_string(params.days);
    co_return co_await parts.long_calls.forecasts.run(std::move(key), caller.departure, std::move(work),
                                                      goes_first(caller));
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

task<Result<SharedReply<rpc::ShowRetention>>> show_retention_now(ScheduleParts const& parts) {
    parts.scheduler.folders_changed();  // prune lists the folders again, and both must see the same
    auto gathered = co_await parts.scheduler.gather();
    if (!gathered) co_return gathered.error();
    auto problems = problems_of(gathered->snapshot);
    auto work = [retention = std::move(gathered->snapshot.retention), policy = gathered->policy,
                 problems = std::move(problems), zone = parts.zone_now()] {
        auto const verdicts = core::evaluate_retention(retention, policy, *zone);
        rpc::ShowRetention::Reply reply;
        reply.backups = to_rpc(retention.backups, verdicts, policy);
        reply.needs_confirmation = core::needs_confirmation(verdicts);
        reply.problems = problems;
        return reply;
    };
    co_return co_await reply_on<rpc::ShowRetention>(parts.long_calls.list_threads, std::move(work));
}

task<Result<SharedReply<rpc::ShowRetention>>> show_retention(ScheduleParts const& parts, Caller caller) {
    auto work = [&parts](StopFlag) { return show_retention_now(parts); };
    std::string whole;
    co_return co_await parts.long_calls.retention.run(std::move(whole), caller.departure, std::move(work),
                                                      goes_first(caller));
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
    server.on_shared<rpc::GetRun>(
        [&parts](rpc::GetRun::Params params, Caller caller) { return get_run(parts, params, std::move(caller)); });
    server.on_shared<rpc::ListRuns>(
        [&parts](rpc::ListRuns::Params params, Caller caller) { return list_runs(parts, params, std::move(caller)); });
    server.on_shared<rpc::ShowQueue>(
        [&parts](rpc::ShowQueue::Params, Caller caller) { return show_queue(parts, std::move(caller)); });
    server.on_shared<rpc::ExplainVm>([&parts](rpc::ExplainVm::Params params, Caller caller) {
        return explain_vm(parts, std::move(params), std::move(caller));
    });
    server.on_shared<rpc::Forecast>(
        [&parts](rpc::Forecast::Params params, Caller caller) { return forecast(parts, params, std::move(caller)); });
    server.on<rpc::PauseSchedule>([&scheduler](rpc::PauseSchedule::Params params, Caller caller) {
        return pause(scheduler, params, std::move(caller));
    });
    server.on<rpc::AcceptClock>(
        [&parts](rpc::AcceptClock::Params, Caller caller) { return accept_clock(parts, std::move(caller)); });
    server.on<rpc::PruneBackups>([&scheduler](rpc::PruneBackups::Params params, Caller caller) {
        return prune(scheduler, params, std::move(caller));
    });
    server.on_shared<rpc::ShowRetention>(
        [&parts](rpc::ShowRetention::Params, Caller caller) { return show_retention(parts, std::move(caller)); });
    server.on<rpc::ProtectBackup>([&parts](rpc::ProtectBackup::Params params, Caller caller) {
        return protect(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::TestMail>([&parts](rpc::TestMail::Params, Caller) { return test_mail(parts); });
}

}  // namespace sb::api
