#include "daemon/app/verify_handlers.hpp"

#include "daemon/app/to_rpc.hpp"

namespace sb::app {
namespace {

task<Result<rpc::StartVerify::Reply>> start_verify(engine::Verifier& verifier, rpc::StartVerify::Params params) {
    auto const level = core::level_from_name(params.level);
    if (!level)
        co_return Error{Errc::invalid_params, "level must be structure, content or reread, not '" + params.level + "'"};
    auto const jobs = co_await verifier.submit(std::move(params.backups), *level);
    if (!jobs) co_return jobs.error();
    rpc::StartVerify::Reply reply;
    for (auto const& job : *jobs) reply.jobs.push_back(to_rpc(job));
    co_return reply;
}

}  // namespace

void register_verify_handlers(control::Server& server, engine::Verifier& verifier) {
    server.on<rpc::StartVerify>([&verifier](rpc::StartVerify::Params params, control::Caller) {
        return start_verify(verifier, std::move(params));
    });
}

}  // namespace sb::app
