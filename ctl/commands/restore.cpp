#include "ctl/follow/follow_job.hpp"

namespace sb::ctl {
namespace {

task<int> run_restore(Session& session, Arguments arguments) {
    rpc::StartRestore::Params params;
    params.backup = arguments.text("NAME");
    params.vm = arguments.text("NEW-VM");
    params.force = arguments.has("force");
    bool const detach = arguments.has("detach");
    co_return co_await start_job<rpc::StartRestore>(session, std::move(params), detach);
}

}  // namespace

CommandSpec restore_command() {
    return {
        .word = "restore",
        .summary = "restore as a new VM",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::backup},
                       .help = "the backup's name, as 'show-backups' prints it"},
                      {.name = "NEW-VM", .value = {ValueKind::new_name}, .help = "name of the new VM"}},
        .options = {{.name = "detach", .help = "print the job id and return immediately"},
                    {.name = "force", .help = "restore even if the backup is damaged"}},
        .details = R"(Imports the backup in folder NAME as a new VM. Existing VMs are not changed.
Waits and shows progress; Ctrl-C stops waiting, not the restore.)",
        .examples = {"scale-backupctl restore 'FILE01 before the update' FILE01-restored"},
        .run = run_restore,
    };
}

}  // namespace sb::ctl
