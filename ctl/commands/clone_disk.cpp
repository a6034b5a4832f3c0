#include "common/text/shell_word.hpp"
#include "ctl/ask.hpp"
#include "ctl/follow/operation.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {
namespace {

task<int> run_clone_disk(Session& session, Arguments arguments) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    rpc::CloneDisk::Params params;
    params.disk = arguments.text("DISK-UUID");
    params.vm = arguments.text("TARGET-VM");
    Result<rpc::CloneDisk::Reply> started = co_await (*client)->call<rpc::CloneDisk>(params);
    auto const check = escape_controls(suggested_command("show-disks", {params.vm}));
    if (!started) co_return report_failed_start(session, started.error(), "The clone", check);
    Result<rpc::OperationInfo> ended = co_await follow_operation(session, **client, started->operation, params.disk);
    if (!ended) {
        int const code = report(session, ended.error());
        auto const outcome = session.interrupted ? "The clone continues" : "The disk may have been cloned";
        session.console.say(std::string(outcome) + "; check with: " + check);
        co_return code;
    }
    if (session.options.json) print_json(session, *ended);
    if (ended->error) {
        session.console.say("scale-backupctl: " + escape_controls(*ended->error));
        co_return exit_code_of(errc_from_name(ended->error_code));
    }
    if (!session.options.json)
        session.console.out << "VM " << in_quotes(started->vm) << " has the new disk "
                            << escape_controls(ended->created_uuid) << ", a clone of " << escape_controls(params.disk)
                            << " of VM " << in_quotes(started->source_vm) << ".\n";
    co_return exit_done;
}

}  // namespace

CommandSpec clone_disk_command() {
    return {
        .word = "clone-disk",
        .summary = "copy a disk to a VM",
        .arguments = {{.name = "DISK-UUID", .value = {ValueKind::disk}, .help = "as 'show-disks' prints it"},
                      {.name = "TARGET-VM",
                       .value = {ValueKind::vm},
                       .help = "name or uuid of the VM that gets the copy"}},
        .details = R"(Gives a VM a copy of a disk in its present state: the cluster takes a snapshot
of the VM that has the disk, makes a new disk of the target VM from it, and
removes the snapshot automatically within a minute. The copy has the same disk
identity, so a guest can boot from it. Ctrl-C stops waiting, not the clone.)",
        .examples = {"scale-backupctl clone-disk DISK-UUID TARGET-VM"},
        .run = run_clone_disk,
    };
}

}  // namespace sb::ctl
