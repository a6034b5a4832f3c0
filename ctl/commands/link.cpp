#include "ctl/ask.hpp"
#include "ctl/render/links.hpp"

namespace sb::ctl {
namespace {

Result<void> check_link(Arguments const& arguments) {
    auto const problem = [&](char const* text) { return usage_error(text, &arguments.command()); };
    bool const undo = arguments.has("undo");
    bool const separate = arguments.has("separate");
    if (undo && separate) return problem("--undo and --separate exclude each other");
    bool const takes_one = undo || separate;
    if (takes_one && !arguments.has("OLD")) return problem("missing OLD");
    if (takes_one && arguments.has("NEW")) return problem("--undo and --separate take OLD only");
    if (!takes_one && arguments.has("OLD") && !arguments.has("NEW")) return problem("missing NEW");
    return {};
}

task<int> list_links(Session& session) {
    rpc::ListLinks::Params params;
    Result<rpc::ListLinks::Reply> reply = co_await ask<rpc::ListLinks>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    auto const page = links_page(*reply, session.console.render_options());
    if (page.empty()) session.console.say("No VM continues an earlier one, and none appears to.");
    session.console.out << page;
    co_return exit_done;
}

task<int> end_link(Session& session, std::string earlier) {
    rpc::RemoveLink::Params params;
    params.earlier = std::move(earlier);
    Result<rpc::RemoveLink::Reply> reply = co_await ask<rpc::RemoveLink>(session.options.socket, std::move(params));
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, reply->link);
    else session.console.out << unlinked_sentence(reply->link) << '\n';
    co_return exit_done;
}

task<int> run_link(Session& session, Arguments arguments) {
    if (!arguments.has("OLD")) co_return co_await list_links(session);
    if (arguments.has("undo")) co_return co_await end_link(session, arguments.text("OLD"));
    rpc::AddLink::Params params;
    params.earlier = arguments.text("OLD");
    params.later = arguments.text("NEW");
    Result<rpc::AddLink::Reply> reply = co_await ask<rpc::AddLink>(session.options.socket, std::move(params));
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, reply->link);
    else session.console.out << link_sentence(reply->link) << '\n';
    co_return exit_done;
}

}  // namespace

CommandSpec link_command() {
    return {
        .word = "link",
        .summary = "continue an earlier VM",
        .arguments = {{.name = "OLD",
                       .value = {ValueKind::earlier_vm},
                       .help = "the VM that the cluster no longer has: its name in\n"
                               "its backups, or its uuid",
                       .optional = true},
                      {.name = "NEW",
                       .value = {ValueKind::vm},
                       .help = "the VM that continues it: name or uuid",
                       .optional = true}},
        .options = {{.name = "undo", .help = "end the link of OLD"},
                    {.name = "separate",
                     .help = "no VM continues OLD: its backups go by the rules\n"
                             "for a deleted VM"}},
        .details = R"(A VM that was restored or created again has a new uuid, so it has no backups
at first. After 'link OLD NEW' the backups of OLD count as earlier ones of NEW,
for retention and for the schedule. Without arguments, lists what is linked,
and what may be: where a VM is gone and another one was restored from its
backup, or has its name, its backups are kept until 'link' decides.

Refused: OLD still exists at the cluster, or all its backups are of another
cluster. If the cluster has OLD again later, the link has no effect.)",
        .examples = {"scale-backupctl link", "scale-backupctl link 6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10 FILE01"},
        .check = check_link,
        .run = run_link,
    };
}

}  // namespace sb::ctl
