#include "daemon/app/schedule_handlers.hpp"

#include "daemon/app/to_rpc.hpp"

#include <algorithm>

namespace sb::app {
namespace {

using control::Caller;
using engine::Scheduler;

task<Result<rpc::StartRun::Reply>> start_run(Scheduler& scheduler) {
    auto const started = co_await scheduler.start_now();
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
    co_return Error{Errc::not_found, params.run == 0 ? "there was no run yet" : "no run " + std::to_string(params.run)};
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
    auto const asked = co_await parts.scheduler.ask();
    if (!asked) co_return asked.error();
    if (asked->snapshot.cluster_error) co_return *asked->snapshot.cluster_error;
    rpc::ShowQueue::Reply reply;
    reply.queue = present_queue(asked->snapshot, asked->settings, parts.zone);
    co_return reply;
}

task<Result<rpc::Why::Reply>> why(ScheduleParts const& parts, rpc::Why::Params params) {
    auto const vms = co_await parts.engine.list_vms();
    if (!vms) co_return vms.error();
    auto const vm = engine::find_vm(*vms, params.vm);
    if (!vm) co_return vm.error();
    auto sentences = co_await parts.scheduler.why(*vm);
    if (!sentences) co_return sentences.error();
    rpc::Why::Reply reply;
    reply.vm = vm->name;
    reply.vm_uuid = vm->uuid.text();
    reply.sentences = std::move(*sentences);
    co_return reply;
}

task<Result<rpc::Forecast::Reply>> forecast(ScheduleParts const& parts, rpc::Forecast::Params params) {
    if (params.days < 1 || params.days > 366) co_return Error{Errc::invalid_params, "days: 1 to 366"};
    auto asked = co_await parts.scheduler.ask();
    if (!asked) co_return asked.error();
    if (asked->snapshot.cluster_error) co_return *asked->snapshot.cluster_error;
    core::ForecastFacts facts;
    facts.schedule = std::move(asked->snapshot.facts);
    facts.settings = asked->settings;
    facts.in_hand = std::move(asked->snapshot.in_hand);
    facts.retention = std::move(asked->snapshot.retention);
    facts.policy = asked->policy;
    facts.free_bytes = asked->snapshot.free_bytes;
    bool const paused = asked->settings.paused;
    co_return to_rpc(core::simulate(std::move(facts), params.days, parts.zone), paused);
}

task<Result<rpc::Pause::Reply>> pause(Scheduler& scheduler, rpc::Pause::Params params) {
    auto const set = co_await scheduler.set_paused(params.paused);
    if (!set) co_return set.error();
    rpc::Pause::Reply reply;
    reply.paused = scheduler.paused();
    co_return reply;
}

task<Result<rpc::Prune::Reply>> prune(Scheduler& scheduler, rpc::Prune::Params params) {
    auto const pruned = co_await scheduler.prune(params.yes);
    if (!pruned) co_return pruned.error();
    rpc::Prune::Reply reply;
    reply.deleted = pruned->deleted;
    reply.problems = pruned->problems;
    co_return reply;
}

task<Result<rpc::ShowRetention::Reply>> judge(Scheduler& scheduler) {
    scheduler.folders_changed();  // prune looks afresh, and both must see the same
    auto const judged = co_await scheduler.judge();
    if (!judged) co_return judged.error();
    rpc::ShowRetention::Reply reply;
    for (std::size_t i = 0; i < judged->verdicts.size(); ++i) {
        auto const& verdict = judged->verdicts[i];
        auto const& backup = judged->backups[i];
        reply.verdicts.push_back(
            {verdict.backup, backup.vm_name, backup.vm.text(), verdict.keep, core::explain(verdict, judged->policy)});
    }
    reply.needs_confirmation = core::needs_confirmation(judged->verdicts);
    co_return reply;
}

task<Result<rpc::Protect::Reply>> protect(ScheduleParts const& parts, rpc::Protect::Params params) {
    auto const backup = co_await parts.catalog.set_protected(std::move(params.backup), params.is_protected);
    if (!backup) co_return backup.error();
    parts.scheduler.folders_changed();
    rpc::Protect::Reply reply;
    reply.backup = to_rpc(*backup);
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
    server.on<rpc::StartRun>([&scheduler](rpc::StartRun::Params, Caller) { return start_run(scheduler); });
    server.on<rpc::GetRun>([&scheduler](rpc::GetRun::Params params, Caller) { return get_run(scheduler, params); });
    server.on<rpc::ListRuns>(
        [&scheduler](rpc::ListRuns::Params params, Caller) { return list_runs(scheduler, params); });
    server.on<rpc::ShowQueue>([&parts](rpc::ShowQueue::Params, Caller) { return show_queue(parts); });
    server.on<rpc::Why>([&parts](rpc::Why::Params params, Caller) { return why(parts, std::move(params)); });
    server.on<rpc::Forecast>([&parts](rpc::Forecast::Params params, Caller) { return forecast(parts, params); });
    server.on<rpc::Pause>([&scheduler](rpc::Pause::Params params, Caller) { return pause(scheduler, params); });
    server.on<rpc::Prune>([&scheduler](rpc::Prune::Params params, Caller) { return prune(scheduler, params); });
    server.on<rpc::ShowRetention>([&scheduler](rpc::ShowRetention::Params, Caller) { return judge(scheduler); });
    server.on<rpc::Protect>(
        [&parts](rpc::Protect::Params params, Caller) { return protect(parts, std::move(params)); });
    server.on<rpc::TestMail>([&parts](rpc::TestMail::Params, Caller) { return test_mail(parts); });
}

}  // namespace sb::app
