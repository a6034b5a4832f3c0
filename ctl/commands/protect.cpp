#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {
namespace {

task<int> set_protected(Session& session, std::string backup, bool is_protected) {
    rpc::ProtectBackup::Params params;
    params.backup = std::move(backup);
    params.is_protected = is_protected;
    Result<rpc::ProtectBackup::Reply> reply = co_await ask<rpc::ProtectBackup>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->backup);
        co_return exit_done;
    }
    auto const state =
        reply->backup.is_protected ? " is protected: no clean-up deletes it." : " is no longer protected.";
    session.console.out << in_quotes(reply->backup.name) << state << '\n';
    co_return exit_done;
}

task<int> run_protect(Session& session, Arguments arguments) {
    return set_protected(session, arguments.text("NAME"), true);
}

task<int> run_unprotect(Session& session, Arguments arguments) {
    return set_protected(session, arguments.text("NAME"), false);
}

}  // namespace

CommandSpec protect_command() {
    return {
        .word = "protect",
        .summary = "keep a backup",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::unprotected_backup},
                       .help = "the backup's name, as 'show-backups' prints it"}},
        .details = R"(Protects a backup: no clean-up deletes it, however old it gets. It no longer
counts for MaxBackups. 'unprotect' removes the protection.)",
        .examples = {"scale-backupctl protect 'FILE01 before the update'"},
        .run = run_protect,
    };
}

CommandSpec unprotect_command() {
    return {
        .word = "unprotect",
        .summary = "allow its deletion again",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::protected_backup},
                       .help = "the backup's name, as 'show-backups' prints it"}},
        .details = R"(Removes the protection of a backup: if the schedule made it, MaxBackups and
MaxAge apply to it again.)",
        .examples = {"scale-backupctl unprotect 'FILE01 before the update'"},
        .run = run_unprotect,
    };
}

}  // namespace sb::ctl
