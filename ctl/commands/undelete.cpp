#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {
namespace {

task<int> run_undelete(Session& session, Arguments arguments) {
    rpc::UndeleteBackup::Params params;
    params.backup = arguments.text("NAME");
    Result<rpc::UndeleteBackup::Reply> reply = co_await ask<rpc::UndeleteBackup>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->backup);
        co_return exit_done;
    }
    session.console.out << in_quotes(reply->backup.name) << " is back, and protected: no clean-up deletes it.\n";
    co_return exit_done;
}

}  // namespace

CommandSpec undelete_command() {
    return {
        .word = "undelete",
        .summary = "take back a deleted one",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::deleted_backup},
                       .help = "the backup's name, or its entry, as\n"
                               "'show-backups --deleted' prints them"}},
        .details = R"(Takes a backup back that a clean-up or a person has deleted, under its old
name, and protects it. If that name is in use, nothing is changed. Deleted
backups wait for UndeleteFor (a day, unless configured); when an export needs
the room, they are removed before that, the oldest first.)",
        .examples = {"scale-backupctl undelete 'FILE01 before the update'"},
        .run = run_undelete,
    };
}

}  // namespace sb::ctl
