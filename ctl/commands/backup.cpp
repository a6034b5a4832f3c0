#include "ctl/commands/commands.hpp"
#include "ctl/commands/start.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Backup command) {
    rpc::StartBackup::Params params;
    params.vm = std::move(command.vm);
    params.backup = std::move(command.name);
    co_return co_await start_job<rpc::StartBackup>(session, std::move(params), command.detach);
}

}  // namespace sb::ctl
