#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/schedule_pages.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

std::string counted(std::size_t count) { return std::to_string(count) + (count == 1 ? " backup" : " backups"); }

void say_what_would_go(Session& session, rpc::ShowRetention::Reply const& judged) {
    auto const& verdicts = judged.backups;
    if (verdicts.empty()) return session.console.say("There are no backups yet.");
    auto const gone = static_cast<std::size_t>(std::ranges::count(verdicts, false, &rpc::RetentionInfo::keep));
    session.console.say(std::to_string(gone) + " of " + counted(verdicts.size()) + " would be deleted.");
    if (!judged.needs_confirmation) return;
    session.console.say("That is more than half, so it is only done with: scale-backupctl prune --yes");
}

task<int> show_verdicts(Session& session) {
    rpc::ShowRetention::Params params;
    Result<rpc::ShowRetention::Reply> reply = co_await ask<rpc::ShowRetention>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    session.console.results << verdicts_page(reply->backups, session.console.look()) << std::flush;
    say_what_would_go(session, *reply);
    co_return exit_done;
}

}  // namespace

task<int> run_command(Session& session, Prune command) {
    if (command.dry_run) co_return co_await show_verdicts(session);
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    // Deleting files of terabytes takes its time on some file systems.
    (*client)->set_call_limit(std::chrono::hours{4});
    rpc::PruneBackups::Params params;
    params.confirmed = command.yes;
    Result<rpc::PruneBackups::Reply> reply = co_await (*client)->call<rpc::PruneBackups>(params);
    // More than half would go: the daemon refuses, and its words name --yes.
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
    } else {
        for (auto const& name : reply->deleted) session.console.results << escape_controls(name) << '\n';
        session.console.results << std::flush;
        auto const count = reply->deleted.size();
        session.console.say(count == 0 ? "Nothing was deleted." : counted(count) + " deleted.");
    }
    for (auto const& problem : reply->problems) session.console.say("scale-backupctl: " + escape_controls(problem));
    co_return reply->problems.empty() ? exit_done : 1;
}

}  // namespace sb::ctl
