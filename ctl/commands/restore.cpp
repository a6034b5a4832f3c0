#include "ctl/commands/commands.hpp"
#include "ctl/commands/start.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Restore command) {
    rpc::StartRestore::Params params;
    params.backup = std::move(command.backup);
    params.vm = std::move(command.vm);
    params.force = command.force;
    co_return co_await start_job<rpc::StartRestore>(session, std::move(params), command.detach);
}

}  // namespace sb::ctl
