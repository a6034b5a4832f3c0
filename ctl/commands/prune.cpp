#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

void print_what_would_be_deleted(Session& session, rpc::ShowRetention::Reply const& retention) {
    auto const& backups = retention.backups;
    if (backups.empty()) return session.console.say("There are no backups yet.");
    auto const gone = static_cast<std::size_t>(std::ranges::count(backups, false, &rpc::RetentionInfo::keep));
    session.console.say(std::to_string(gone) + " of " + counted(backups.size(), "backup") + " would be deleted.");
    if (!retention.needs_confirmation) return;
    session.console.say("That is more than half. To delete them anyway: scale-backupctl prune --yes");
}

Result<void> check_prune(Arguments const& arguments) {
    if (arguments.has("dry-run") && arguments.has("yes"))
        return usage_error("--dry-run and --yes exclude each other", &arguments.command());
    return {};
}

task<int> show_retention(Session& session) {
    rpc::ShowRetention::Params params;
    Result<rpc::ShowRetention::Reply> reply = co_await ask<rpc::ShowRetention>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    for (auto const& problem : reply->problems) session.console.say("scale-backupctl: " + escape_controls(problem));
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    session.console.out << retention_page(reply->backups, session.console.render_options()) << std::flush;
    print_what_would_be_deleted(session, *reply);
    co_return exit_done;
}

task<int> run_prune(Session& session, Arguments arguments) {
    if (arguments.has("dry-run")) co_return co_await show_retention(session);
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    // Deleting files of terabytes takes long on some file systems.
    (*client)->set_call_limit(std::chrono::hours{4});
    rpc::PruneBackups::Params params;
    params.confirmed = arguments.has("yes");
    Result<rpc::PruneBackups::Reply> reply = co_await (*client)->call<rpc::PruneBackups>(params);
    // If more than half would be deleted the daemon refuses, and its message names --yes.
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
    } else {
        for (auto const& name : reply->deleted) session.console.out << escape_controls(name) << '\n';
        session.console.out << std::flush;
        auto const count = reply->deleted.size();
        session.console.say(count == 0 ? "Nothing was deleted." : counted(count, "backup") + " deleted.");
    }
    for (auto const& problem : reply->problems) session.console.say("scale-backupctl: " + escape_controls(problem));
    co_return reply->problems.empty() ? exit_done : exit_failed;
}

}  // namespace

CommandSpec prune_command() {
    return {
        .word = "prune",
        .summary = "delete old backups",
        .options = {{.name = "dry-run", .help = "delete nothing; list for every backup the action and the reason"},
                    {.name = "yes",
                     .help = "continue even if more than half of all backups would be\n"
                             "deleted; refused without it (exit code 4)"}},
        .details = R"(Deletes what MaxBackups and MaxAge no longer allow, as each run does at its
end, and prints what was deleted. Manual and protected backups are kept, and so
is the last good backup of a VM that still exists.)",
        .examples = {"scale-backupctl prune --dry-run"},
        .check = check_prune,
        .run = run_prune,
    };
}

}  // namespace sb::ctl
