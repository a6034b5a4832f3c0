#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {
namespace {

std::string meaning_of(rpc::BackupInfo const& backup) {
    if (!backup.other_cluster) return "it counts as a backup of its VM";
    return std::string("it ") + (backup.cluster_uncertain ? "may be" : "is") +
           " of another cluster, so no rule counts it";
}

task<int> run_accept(Session& session, Arguments arguments) {
    rpc::AcceptBackup::Params params;
    params.backup = arguments.text("NAME");
    Result<rpc::AcceptBackup::Reply> reply = co_await ask<rpc::AcceptBackup>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->backup);
        co_return exit_done;
    }
    session.console.out << in_quotes(reply->backup.name) << " is accepted: " << meaning_of(reply->backup) << ".\n";
    co_return exit_done;
}

}  // namespace

CommandSpec accept_command() {
    return {
        .word = "accept",
        .summary = "accept as complete",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::unaccepted_backup},
                       .help = "the backup's name, as 'show-backups' prints it"}},
        .details = R"(Says that a backup is complete although the cluster never said that its export
had ended (condition export_end_not_seen). Until then it counts for nothing:
its VM is exported once more, and no older copy is deleted because of it.

Reading proves that the files are sound, not that nothing is missing: restore
the backup and start the new VM before you accept it.)",
        .examples = {"scale-backupctl accept 'FILE01 before the update'"},
        .run = run_accept,
    };
}

}  // namespace sb::ctl
