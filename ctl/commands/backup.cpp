#include "ctl/follow/follow_job.hpp"

namespace sb::ctl {
namespace {

task<int> run_backup(Session& session, Arguments arguments) {
    rpc::StartBackup::Params params;
    params.vm = arguments.text("VM");
    params.backup = arguments.text("NAME");
    bool const detach = arguments.has("detach");
    co_return co_await start_job<rpc::StartBackup>(session, std::move(params), detach);
}

}  // namespace

CommandSpec backup_command() {
    return {
        .word = "backup",
        .summary = "back up a VM",
        .arguments =
            {{.name = "VM", .value = {ValueKind::vm}, .help = "name or uuid; the uuid if two VMs have the same name"},
             {.name = "NAME", .value = {ValueKind::new_name}, .help = "name of the new backup; it must not exist yet"}},
        .options = {{.name = "detach", .help = "print the job id and return immediately"}},
        .details = R"(Exports a VM into a new folder of the backup share and verifies the export;
then the folder gets the name NAME. Waits and shows progress; Ctrl-C stops
waiting, not the backup.)",
        .examples = {"scale-backupctl backup FILE01 'FILE01 before the update'"},
        .run = run_backup,
    };
}

}  // namespace sb::ctl
