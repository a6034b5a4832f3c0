#include "daemon/api/verify_handlers.hpp"

#include "daemon/api/still_wanted.hpp"
#include "daemon/api/to_rpc.hpp"
#include "daemon/async/let_others_run.hpp"

namespace sb::api {
namespace {

task<Result<rpc::StartVerify::Reply>> start_verify(engine::Engine& engine, engine::Verifier& verifier,
                                                   rpc::StartVerify::Params params, control::Caller caller) {
    auto const level = core::level_from_name(params.level);
    if (!level)
        co_return Error{Errc::invalid_params, "level must be structure, content or reread, not '" + params.level + "'"};
    for (auto& backup : params.backups) {
        auto name = co_await engine.backup_name(backup);
        if (!name) co_return name.error();
        backup = std::move(*name);
    }
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    auto const jobs = co_await verifier.submit(std::move(params.backups), *level);
    if (!jobs) co_return jobs.error();
    rpc::StartVerify::Reply reply;
    for (auto const& job : *jobs) {
        constexpr std::size_t some = 1000;  // of ten thousand
        if (reply.jobs.size() % some == some - 1) co_await let_others_run();
        reply.jobs.push_back(to_rpc(job));
    }
    co_return reply;
}

}  // namespace

void register_verify_handlers(control::Server& server, engine::Engine& engine, engine::Verifier& verifier) {
    server.on<rpc::StartVerify>([&engine, &verifier](rpc::StartVerify::Params params, control::Caller caller) {
        return start_verify(engine, verifier, std::move(params), std::move(caller));
    });
}

}  // namespace sb::api
