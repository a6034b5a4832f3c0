#include "daemon/api/handlers.hpp"

#include "daemon/api/to_rpc.hpp"
#include "daemon/api/vms_for.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <unordered_set>

namespace sb::api {
namespace {

using control::Caller;
using control::SharedReply;
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

task<Result<SharedReply<rpc::ListVms>>> list_vms(ListParts const& parts, Caller caller) {
    auto vms = co_await vms_for(caller.rank, parts.engine);
    if (!vms) co_return vms.error();
    auto work = [vms = std::move(*vms), tag = parts.board.schedule_tag()] {
        rpc::ListVms::Reply reply;
        for (auto const& vm : vms) reply.vms.push_back(to_rpc(vm, tag));
        return reply;
    };
    co_return co_await reply_on<rpc::ListVms>(parts.long_calls.list_threads, std::move(work));
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
    auto known = co_await engine.list_vms_for_person(vm_age);
    if (!known.vms || !known.problem.empty()) co_return;
    std::vector<core::Vm> living = std::move(*known.vms);
    auto cluster_uuid = engine.identity().present().uuid;
    auto const noted = co_await scheduler.links().in_effect(std::move(living), std::move(cluster_uuid));
    if (!noted) spdlog::warn("{}", noted.error().context);
}

task<Result<SharedReply<rpc::ListBackups>>> list_backups_now(ListParts const& parts) {
    co_await update_links(parts.engine, parts.scheduler);
    auto backups = co_await parts.engine.list_backups();
    if (!backups) co_return backups.error();
    auto work = [backups = std::move(*backups), jobs = parts.engine.unfinished_jobs(),
                 present = parts.engine.identity().present(), links = parts.scheduler.links().last_in_effect()] {
        rpc::ListBackups::Reply reply;
        for (auto const& backup : backups) {
            reply.backups.push_back(to_rpc(backup, present, jobs));
            reply.backups.back().continued_by = continued_by(reply.backups.back(), links);
        }
        return reply;
    };
    co_return co_await reply_on<rpc::ListBackups>(parts.long_calls.list_threads, std::move(work));
}

task<Result<SharedReply<rpc::ListBackups>>> list_backups(ListParts const& parts, Caller caller) {
    auto work = [&parts](StopFlag) { return list_backups_now(parts); };
    std::string whole;
    co_return co_await parts.long_calls.backups.run(std::move(whole), caller.departure, std::move(work),
                                                    goes_first(caller));
}

/// Those of the engine and those of the verifier, without the ones that both know; newest first.
std::vector<core::Job> all_jobs(std::vector<core::Job> jobs, std::vector<core::Job> const& verifying) {
    std::unordered_set<JobId> known;
    for (auto const& job : jobs) known.insert(job.id);
    for (auto const& job : verifying)
        if (known.insert(job.id).second) jobs.push_back(job);
    std::ranges::sort(jobs, std::ranges::greater{}, &core::Job::id);
    return jobs;
}

/// The `limit` newest finished ones that are older than the job `before`.
std::vector<core::Job> page_before(std::vector<core::Job> jobs, JobId before, std::size_t limit) {
    std::erase_if(jobs, [&](core::Job const& job) { return job.id >= before || job.phase != core::Phase::finished; });
    if (jobs.size() > limit) jobs.resize(limit);
    return jobs;
}

task<Result<SharedReply<rpc::ListJobs>>> list_jobs_now(ListParts const& parts, std::size_t limit, JobId before) {
    // The journal is asked for the newest ones; a page further back is found among all.
    auto const depth = before == 0 ? limit : ports::journal_depth;
    auto jobs = co_await parts.engine.list_jobs(depth);
    if (!jobs) co_return jobs.error();
    auto work = [jobs = std::move(*jobs), verifying = parts.verifier.unfinished_jobs(), limit, before]() mutable {
        auto all = all_jobs(std::move(jobs), verifying);
        rpc::ListJobs::Reply reply;
        reply.jobs = all_to_rpc<rpc::JobInfo>(before == 0 ? all : page_before(std::move(all), before, limit));
        return reply;
    };
    co_return co_await reply_on<rpc::ListJobs>(parts.long_calls.list_threads, std::move(work));
}

task<Result<SharedReply<rpc::ListJobs>>> list_jobs(ListParts const& parts, rpc::ListJobs::Params params,
                                                   Caller caller) {
    constexpr int most = 1000;
    auto const limit = static_cast<std::size_t>(std::clamp(params.limit, 0, most));
    auto key = std::to_string(limit) + " before " + std::to_string(params.before);
    auto work = [&parts, limit, before = params.before](StopFlag) { return list_jobs_now(parts, limit, before); };
    co_return co_await parts.long_calls.jobs.run(std::move(key), caller.departure, std::move(work), goes_first(caller));
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

task<Result<rpc::SubscribeJobs::Reply>> subscribe_to_all(ListParts const& parts) {
    auto work = [jobs = parts.engine.unfinished_jobs(), verifying = parts.verifier.unfinished_jobs()] {
        rpc::SubscribeJobs::Reply reply;
        reply.jobs = all_to_rpc<rpc::JobInfo>(jobs);
        for (auto const& job : verifying) reply.jobs.push_back(to_rpc(job));
        return reply;
    };
    co_return co_await parts.long_calls.list_threads.run(std::move(work));
}

task<Result<rpc::SubscribeJobs::Reply>> subscribe_to_job(Engine& engine, Verifier const& verifier, JobId id) {
    rpc::SubscribeJobs::Reply reply;
    if (auto const verify = verifier.find(id)) {
        reply.jobs.push_back(to_rpc(*verify));
        co_return reply;
    }
    auto const job = co_await engine.find_job(id);
    if (!job) co_return job.error();
    reply.jobs.push_back(to_rpc(*job));
    co_return reply;
}

}  // namespace

void register_handlers(control::Server& server, ListParts const& parts) {
    auto& engine = parts.engine;
    auto& verifier = parts.verifier;
    auto& board = parts.board;
    // The lambdas are not coroutines: they only call one, so nothing that they capture can dangle.
    server.on<rpc::Version>([](rpc::Version::Params, Caller) { return version(); });
    server.on<rpc::Status>([&board](rpc::Status::Params, Caller) { return board.status(); });
    server.on_shared<rpc::ListVms>(
        [&parts](rpc::ListVms::Params, Caller caller) { return list_vms(parts, std::move(caller)); });
    server.on_shared<rpc::ListBackups>(
        [&parts](rpc::ListBackups::Params, Caller caller) { return list_backups(parts, std::move(caller)); });
    server.on_shared<rpc::ListJobs>(
        [&parts](rpc::ListJobs::Params params, Caller caller) { return list_jobs(parts, params, std::move(caller)); });
    server.on<rpc::StartBackup>([&engine](rpc::StartBackup::Params params, Caller caller) {
        return start_backup(engine, std::move(params), std::move(caller));
    });
    server.on<rpc::StartRestore>([&engine](rpc::StartRestore::Params params, Caller caller) {
        return start_restore(engine, std::move(params), std::move(caller));
    });
    server.on<rpc::CancelJob>(
        [&engine, &verifier](rpc::CancelJob::Params params, Caller) { return cancel_job(engine, verifier, params); });
    server.on<rpc::SubscribeJobs>([&parts](rpc::SubscribeJobs::Params params, Caller) {
        return params.job == 0 ? subscribe_to_all(parts) : subscribe_to_job(parts.engine, parts.verifier, params.job);
    });
}

}  // namespace sb::api
