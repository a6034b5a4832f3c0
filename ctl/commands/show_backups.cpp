#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> show_deleted(Session& session) {
    rpc::ListDeletedBackups::Params params;
    Result<rpc::ListDeletedBackups::Reply> reply =
        co_await ask<rpc::ListDeletedBackups>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->backups);
        co_return exit_done;
    }
    if (reply->backups.empty()) session.console.say("No deleted backup can be taken back.");
    session.console.out << deleted_page(reply->backups, session.console.render_options());
    co_return exit_done;
}

task<int> run_show_backups(Session& session, Arguments arguments) {
    if (arguments.has("deleted")) co_return co_await show_deleted(session);
    rpc::ListBackups::Params params;
    Result<rpc::ListBackups::Reply> reply = co_await ask<rpc::ListBackups>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->backups);
        co_return exit_done;
    }
    if (reply->backups.empty()) session.console.say("There are no backups yet.");
    session.console.out << backups_page(reply->backups, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec show_backups_command() {
    return {
        .word = "show-backups",
        .summary = "list all backups",
        .options = {{.name = "deleted", .help = "list the deleted ones that 'undelete' can take back"}},
        .details = R"(Lists the backups: name, VM, state, time, size, last verification and
protection. The states are
  complete     exported completely, and verified
  exporting    the export is not finished
  unverified   found on the disk, without a manifest
  incomplete   something that a restore needs is missing
  damaged      the content contradicts itself or has changed)",
        .examples = {"scale-backupctl show-backups"},
        .run = run_show_backups,
    };
}

}  // namespace sb::ctl
