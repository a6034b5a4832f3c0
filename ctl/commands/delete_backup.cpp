#include "common/text/case_key.hpp"
#include "common/text/size_text.hpp"
#include "ctl/ask.hpp"
#include "ctl/menu/keyboard.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/text.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <set>

namespace sb::ctl {
namespace {

using Names = std::vector<std::string>;

Result<void> check_delete(Arguments const& arguments) {
    if (arguments.texts("NAME").empty() && !arguments.has("cluster"))
        return usage_error("missing NAME", &arguments.command());
    return {};
}

bool is_of(rpc::BackupInfo const& backup, std::string const& cluster) {
    auto const wanted = case_key(cluster);
    auto const is_it = [&](std::string const& one) { return !one.empty() && case_key(one) == wanted; };
    return is_it(backup.cluster) || is_it(backup.cluster_uuid) || is_it(backup.cluster_host);
}

/// What may be of the configured cluster is not deleted by naming another one.
bool is_surely_of_another(rpc::BackupInfo const& backup) { return backup.other_cluster && !backup.cluster_uncertain; }

std::string name_of_cluster(rpc::BackupInfo const& backup) {
    if (!backup.cluster.empty()) return backup.cluster;
    return backup.cluster_uuid.empty() ? backup.cluster_host : backup.cluster_uuid;
}

/// Why none of the backups is of that other cluster.
Error no_such_cluster(std::vector<rpc::BackupInfo> const& backups, std::string const& cluster) {
    std::set<std::string> others;
    for (auto const& backup : backups) {
        if (!backup.other_cluster && is_of(backup, cluster))
            return {Errc::refused, "'" + cluster + "' is the configured cluster: name the backups to delete"};
        if (is_surely_of_another(backup)) others.insert(name_of_cluster(backup));
    }
    auto const may_be_of = [&](auto const& backup) { return backup.cluster_uncertain && is_of(backup, cluster); };
    if (auto const count = std::ranges::count_if(backups, may_be_of); count > 0)
        return {Errc::refused, counted(static_cast<std::size_t>(count), "backup") + " may be of '" + cluster +
                                   "', or of the configured cluster: which one they are of is not known (see "
                                   "scale-backupctl status). Nothing was deleted. To delete one: scale-backupctl "
                                   "delete NAME"};
    auto text = "there are no backups of a cluster '" + cluster + "'";
    if (others.empty()) return {Errc::not_found, text + ", nor of any other than the configured one"};
    return {Errc::not_found, text + "; there are some of: " + listed(Names(others.begin(), others.end()))};
}

/// All that this other cluster made; `names`: only these.
Result<std::vector<rpc::BackupInfo>> backups_of(std::vector<rpc::BackupInfo> const& all, std::string const& cluster,
                                                Names const& names) {
    std::vector<rpc::BackupInfo> found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [&](auto const& backup) { return is_surely_of_another(backup) && is_of(backup, cluster); });
    if (found.empty()) return no_such_cluster(all, cluster);
    if (names.empty()) return found;
    for (auto const& name : names)
        if (std::ranges::find(found, name, &rpc::BackupInfo::name) == found.end())
            return Error{Errc::not_found, "the cluster '" + cluster + "' has no backup named '" + name + "'"};
    std::erase_if(found, [&](auto const& backup) { return std::ranges::find(names, backup.name) == names.end(); });
    return found;
}

bool can_ask(Session const& session) { return session.console.terminal.err && input_is_terminal(); }

/// False for everything but y and yes.
task<Result<bool>> ask_yes(Session& session, std::string question) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto const input = open_line_input(executor);
    session.console.err << question << " [y/N] " << std::flush;
    Result<std::optional<std::string>> line = co_await input->next();
    if (!line) co_return line.error();
    if (!*line) session.console.say("");
    auto const answer = case_key(line->value_or(""));
    co_return answer == "y" || answer == "yes";
}

std::string question_of(Names const& names, bool immediately) {
    auto const what = names.size() == 1 ? in_quotes(names.front()) : counted(names.size(), "backup");
    return "Delete " + what + (immediately ? " immediately? It cannot be taken back." : "?");
}

/// What was deleted and what was not. `code`: of the first failure.
struct Deleted {
    rpc::PruneBackups::Reply reply;
    int code = exit_done;
};

void note_failure(Session& session, Deleted& deleted, std::string const& name, Error const& error) {
    auto text = name + ": " + error.context;
    session.console.say("scale-backupctl: " + escape_controls(text));
    deleted.reply.problems.push_back(std::move(text));
    if (deleted.code == exit_done) deleted.code = exit_code_of(error.code);
}

void note_deletion(Session& session, Deleted& deleted, rpc::DeleteBackup::Reply const& reply) {
    deleted.reply.deleted.push_back(reply.deleted);
    if (!session.options.json) {
        auto const until = reply.can_undelete ? ". 'undelete' takes it back until " +
                                                    moment_text(*reply.can_undelete, session.console.render_options())
                                              : std::string();
        session.console.out << in_quotes(reply.deleted) << " was deleted" << until << ".\n" << std::flush;
    }
    if (reply.problem.empty()) return;
    session.console.say("scale-backupctl: " + escape_controls(reply.problem));
    deleted.reply.problems.push_back(reply.problem);
    if (deleted.code == exit_done) deleted.code = exit_failed;
}

/// One after the other; an error of one does not stop the others.
task<int> delete_all(Session& session, Client& client, Arguments const& arguments, Names names) {
    Deleted deleted;
    bool const only_one = names.size() == 1;
    for (auto const& name : names) {
        rpc::DeleteBackup::Params params;
        params.backup = name;
        params.confirmed = arguments.has("yes");
        params.immediately = arguments.has("now");
        params.cluster = arguments.text("cluster");
        Result<rpc::DeleteBackup::Reply> reply = co_await client.call<rpc::DeleteBackup>(std::move(params));
        if (reply) {
            note_deletion(session, deleted, *reply);
            continue;
        }
        bool const is_over = session.interrupted || reply.error().code == Errc::daemon_unreachable;
        if (only_one || is_over) co_return report(session, reply.error());
        note_failure(session, deleted, name, reply.error());
    }
    if (session.options.json) print_json(session, deleted.reply);
    co_return deleted.code;
}

/// The names of the other cluster's backups, after showing how many they are. An error without --yes where no
/// question can be asked.
task<Result<Names>> names_of_cluster(Session& session, Client& client, Arguments const& arguments) {
    auto const cluster = arguments.text("cluster");
    rpc::ListBackups::Params all;
    Result<rpc::ListBackups::Reply> reply = co_await client.call<rpc::ListBackups>(all);
    if (!reply) co_return reply.error();
    auto const found = backups_of(reply->backups, cluster, arguments.texts("NAME"));
    if (!found) co_return found.error();
    Names names;
    std::uint64_t bytes = 0;
    for (auto const& backup : *found) {
        names.push_back(backup.name);
        bytes += backup.size_bytes;
    }
    session.console.say(counted(names.size(), "backup") + " of the cluster " + in_quotes(cluster) + ", " +
                        size_text(bytes) + " in total.");
    if (arguments.has("yes") || can_ask(session)) co_return names;
    co_return Error{Errc::refused, "nothing was deleted. To delete them without a question: --yes"};
}

task<int> run_delete(Session& session, Arguments arguments) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    // Reading another copy, and deleting files of terabytes, takes long on some file systems.
    (*client)->set_call_limit(std::chrono::hours{4});
    Result<Names> names = arguments.texts("NAME");
    if (arguments.has("cluster")) names = co_await names_of_cluster(session, **client, arguments);
    if (!names) co_return report(session, names.error());
    if (!arguments.has("yes") && can_ask(session)) {
        auto question = question_of(*names, arguments.has("now"));
        Result<bool> yes = co_await ask_yes(session, std::move(question));
        if (!yes) co_return report(session, yes.error());
        if (!*yes) {
            session.console.say("Nothing was deleted.");
            co_return exit_interrupted;
        }
    }
    co_return co_await delete_all(session, **client, arguments, std::move(*names));
}

}  // namespace

CommandSpec delete_backup_command() {
    return {
        .word = "delete",
        .summary = "delete backups",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::unprotected_backup},
                       .help = "a backup's name, as 'show-backups' prints it",
                       .optional = true,
                       .repeats = true}},
        .options = {{.name = "cluster",
                     .value_name = "CLUSTER",
                     .help = "all backups of this other cluster (name, uuid or\n"
                             "host), or only those named"},
                    {.name = "now", .help = "immediately: 'undelete' cannot take them back"},
                    {.name = "yes",
                     .help = "do not ask; also the last good backup of a VM that\n"
                             "still exists (refused without it, exit code 4)"}},
        .details = R"(Deletes backups, after a question on a terminal. 'undelete' takes them back
for UndeleteFor, a day unless configured. Refused: a protected backup, one that
a job uses, one for which the trash has no room (--now deletes it), and,
without --cluster, one of another cluster than the configured one. A VM whose
only backup is deleted is soon due again. No clean-up deletes those of other
clusters, and --cluster none that may be of the configured one.)",
        .examples = {"scale-backupctl delete 'FILE01 before the update'"},
        .check = check_delete,
        .run = run_delete,
    };
}

}  // namespace sb::ctl
