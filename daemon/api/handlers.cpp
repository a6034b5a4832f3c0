#include "daemon/api/handlers.hpp"

#include "daemon/api/to_rpc.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::api {
namespace {

using control::Caller;
using engine::Engine;
using engine::Verifier;

template <class To, class From>
std::vector<To> all_to_rpc(std::vector<From> const& values) {
    std::vector<To> infos;
    infos.reserve(values.size());
    for (auto const& value : values) infos.push_back(to_rpc(value));
    return infos;
}

task<Result<rpc::Version::Reply>> version() {
    rpc::Version::Reply reply;
    reply.version = SB_VERSION;
    co_return reply;
}

task<Result<rpc::ListVms::Reply>> list_vms(Engine& engine, StatusBoard const& board) {
    auto const vms = co_await engine.list_vms();
    if (!vms) co_return vms.error();
    rpc::ListVms::Reply reply;
    auto const tag = board.schedule_tag();
    for (auto const& vm : *vms) reply.vms.push_back(to_rpc(vm, tag));
    co_return reply;
}

/// Empty if its own VM does.
std::string continued_by(rpc::BackupInfo const& backup, core::VmLinks const& links) {
    VmUuid const vm{backup.vm_uuid};
    auto const& last = links.continued_by(vm);
    return last == vm || backup.other_cluster ? std::string() : last.text();
}

/// So that they are those that `link` shows. Without links, or while the cluster does not answer, it is not asked.
task<void> update_links(Engine& engine, engine::Scheduler& scheduler) {
    auto const all = co_await scheduler.links().all();
    if (!all || all->empty() || engine.cluster_reachability().reachable != true) co_return;
    constexpr Milliseconds vm_age = std::chrono::seconds(1);
    auto vms = co_await engine.list_vms_by_clock(vm_age);
    if (!vms) co_return;
    std::vector<core::Vm> living = std::move(*vms);
    auto cluster_uuid = engine.identity().present().uuid;
    auto const noted = co_await scheduler.links().in_effect(std::move(living), std::move(cluster_uuid));
    if (!noted) spdlog::warn("{}", noted.error().context);
}

task<Result<rpc::ListBackups::Reply>> list_backups(Engine& engine, engine::Scheduler& scheduler) {
    co_await update_links(engine, scheduler);
    auto const backups = co_await engine.list_backups();
    if (!backups) co_return backups.error();
    rpc::ListBackups::Reply reply;
    auto const jobs = engine.unfinished_jobs();
    auto const present = engine.identity().present();
    for (auto const& backup : *backups) {
        auto info = to_rpc(backup, present, jobs);
        info.continued_by = continued_by(info, scheduler.links().last_in_effect());
        reply.backups.push_back(std::move(info));
    }
    co_return reply;
}

task<Result<rpc::ListJobs::Reply>> list_jobs(Engine& engine, Verifier const& verifier, rpc::ListJobs::Params params) {
    auto const limit = static_cast<std::size_t>(std::clamp(params.limit, 0, 10'000));
    auto jobs = co_await engine.list_jobs(limit);
    if (!jobs) co_return jobs.error();
    for (auto const& job : verifier.unfinished_jobs())
        if (std::ranges::find(*jobs, job.id, &core::Job::id) == jobs->end()) jobs->push_back(job);
    std::ranges::sort(*jobs, std::ranges::greater{}, &core::Job::id);
    rpc::ListJobs::Reply reply;
    reply.jobs = all_to_rpc<rpc::JobInfo>(*jobs);
    co_return reply;
}

task<Result<rpc::StartBackup::Reply>> start_backup(Engine& engine, rpc::StartBackup::Params params, Caller caller) {
    auto const job =
        co_await engine.submit_backup(std::move(params.vm), std::move(params.backup), std::move(caller.is_gone));
    if (!job) co_return job.error();
    rpc::StartBackup::Reply reply;
    reply.job = to_rpc(*job);
    co_return reply;
}

task<Result<rpc::StartRestore::Reply>> start_restore(Engine& engine, rpc::StartRestore::Params params, Caller caller) {
    auto backup = co_await engine.backup_name(std::move(params.backup));
    if (!backup) co_return backup.error();
    auto const job = co_await engine.submit_restore(std::move(*backup), std::move(params.vm), params.force,
                                                    std::move(caller.is_gone));
    if (!job) co_return job.error();
    rpc::StartRestore::Reply reply;
    reply.job = to_rpc(*job);
    co_return reply;
}

task<Result<rpc::CancelJob::Reply>> cancel_job(Engine& engine, Verifier& verifier, rpc::CancelJob::Params params) {
    auto const verify = co_await verifier.cancel(params.job);
    if (verify) {
        rpc::CancelJob::Reply reply;
        reply.job = to_rpc(*verify);
        reply.note = "Job " + std::to_string(params.job) + " cancelled; the backup is not changed.";
        co_return reply;
    }
    if (verify.error().code != Errc::not_found) co_return verify.error();
    auto const cancelled = co_await engine.cancel(params.job);
    if (!cancelled) co_return cancelled.error();
    rpc::CancelJob::Reply reply;
    reply.job = to_rpc(cancelled->job);
    reply.note = cancelled->note;
    co_return reply;
}

task<Result<rpc::SubscribeJobs::Reply>> subscribe_jobs(Engine& engine, Verifier const& verifier,
                                                       rpc::SubscribeJobs::Params params) {
    rpc::SubscribeJobs::Reply reply;
    if (params.job == 0) {
        reply.jobs = all_to_rpc<rpc::JobInfo>(engine.unfinished_jobs());
        for (auto const& job : verifier.unfinished_jobs()) reply.jobs.push_back(to_rpc(job));
        co_return reply;
    }
    if (auto const verify = verifier.find(params.job)) {
        reply.jobs.push_back(to_rpc(*verify));
        co_return reply;
    }
    auto const job = co_await engine.find_job(params.job);
    if (!job) co_return job.error();
    reply.jobs.push_back(to_rpc(*job));
    co_return reply;
}

}  // namespace

void register_handlers(control::Server& server, Engine& engine, engine::Scheduler& scheduler, Verifier& verifier,
                       StatusBoard& board) {
    // The lambdas are not coroutines: they only call one, so nothing that they capture can dangle.
    server.on<rpc::Version>([](rpc::Version::Params, Caller) { return version(); });
    server.on<rpc::Status>([&board](rpc::Status::Params, Caller) { return board.status(); });
    server.on<rpc::ListVms>([&engine, &board](rpc::ListVms::Params, Caller) { return list_vms(engine, board); });
    server.on<rpc::ListBackups>(
        [&engine, &scheduler](rpc::ListBackups::Params, Caller) { return list_backups(engine, scheduler); });
    server.on<rpc::ListJobs>(
        [&engine, &verifier](rpc::ListJobs::Params params, Caller) { return list_jobs(engine, verifier, params); });
    server.on<rpc::StartBackup>([&engine](rpc::StartBackup::Params params, Caller caller) {
        return start_backup(engine, std::move(params), std::move(caller));
    });
    server.on<rpc::StartRestore>([&engine](rpc::StartRestore::Params params, Caller caller) {
        return start_restore(engine, std::move(params), std::move(caller));
    });
    server.on<rpc::CancelJob>(
        [&engine, &verifier](rpc::CancelJob::Params params, Caller) { return cancel_job(engine, verifier, params); });
    server.on<rpc::SubscribeJobs>([&engine, &verifier](rpc::SubscribeJobs::Params params, Caller) {
        return subscribe_jobs(engine, verifier, params);
    });
}

}  // namespace sb::api
