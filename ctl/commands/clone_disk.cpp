#include "common/text/shell_word.hpp"
#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/commands/follow_operation.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/request.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, CloneDisk command) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    rpc::CloneDisk::Params params;
    params.disk = command.disk;
    params.vm = command.vm;
    Result<rpc::CloneDisk::Reply> started = co_await (*client)->call<rpc::CloneDisk>(params);
    auto const how_to_see = "see: scale-backupctl show-disks " + shell_word(command.vm);
    if (!started) {
        int const code = report(session, started.error());
        bool const unanswered = session.interrupted || started.error().code == Errc::daemon_unreachable;
        if (unanswered) session.console.say("whether the clone began is not known; " + how_to_see);
        co_return code;
    }
    Result<rpc::OperationInfo> ended = co_await follow_operation(session, **client, started->operation, command.disk);
    if (!ended) {
        int const code = report(session, ended.error());
        if (session.interrupted) session.console.say("the clone goes on; " + how_to_see);
        else session.console.say("whether the disk is cloned is not known; " + how_to_see);
        co_return code;
    }
    if (session.options.json) print_json(session, *ended);
    if (ended->error) {
        session.console.say("scale-backupctl: " + escape_controls(*ended->error));
        co_return exit_code_of(errc_from_name(ended->error_code));
    }
    if (!session.options.json)
        session.console.results << "VM " << ctl::in_quotes(escape_controls(started->vm)) << " has the new disk "
                                << escape_controls(ended->created_uuid) << ", a clone of "
                                << escape_controls(command.disk) << " of VM "
                                << ctl::in_quotes(escape_controls(started->source_vm)) << ".\n";
    co_return exit_done;
}

}  // namespace sb::ctl
