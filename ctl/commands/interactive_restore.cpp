#include "ctl/follow/follow_job.hpp"
#include "ctl/menu/keyboard.hpp"
#include "ctl/menu/screen.hpp"
#include "ctl/follow/progress_line.hpp"
#include "ctl/render/table.hpp"

#include <boost/asio/this_coro.hpp>

namespace sb::ctl {
namespace {

task<Result<MenuFacts>> menu_facts(Session& session) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return client.error();
    rpc::ListBackups::Params nothing;
    Result<rpc::ListBackups::Reply> backups = co_await (*client)->call<rpc::ListBackups>(nothing);
    if (!backups) co_return backups.error();
    MenuFacts facts;
    facts.backups = std::move(backups->backups);
    // Backups can be chosen while the cluster is unreachable; only the new name cannot be checked then.
    rpc::ListVms::Params no_more;
    Result<rpc::ListVms::Reply> vms = co_await (*client)->call<rpc::ListVms>(no_more);
    if (session.interrupted) co_return vms.error();
    if (!vms) {
        facts.cluster_error = vms.error().context;
        co_return facts;
    }
    facts.vm_names.emplace();
    for (auto const& vm : vms->vms) {
        facts.vm_names->push_back(vm.name);
        facts.vm_uuids.push_back(vm.uuid);
    }
    co_return facts;
}

bool is_over(MenuStep const& step) { return step.outcome != MenuOutcome::none; }

/// The menu on a terminal, to its end.
task<Result<MenuStep>> ask_by_keys(Session& session, MenuFacts const& facts) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto const keyboard = open_keyboard(executor);
    auto& out = session.console.err;
    LiveLines lines;
    MenuStep step;
    while (!is_over(step)) {
        out << lines.redraw(menu_screen(step.menu, facts, session.console.render_options(), keyboard->rows()))
            << std::flush;
        Result<std::optional<Key>> key = co_await keyboard->next();
        if (!key) {
            out << lines.erase() << std::flush;
            co_return key.error();
        }
        if (*key) step = press(std::move(step.menu), **key, facts, list_rows(keyboard->rows()));
    }
    out << lines.erase() << std::flush;
    co_return step;
}

/// The same as questions and answers in lines.
task<Result<MenuStep>> ask_by_lines(Session& session, MenuFacts const& facts) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto const input = open_line_input(executor);
    MenuStep step;
    while (!is_over(step)) {
        session.console.err << menu_question(step.menu, facts, session.console.render_options()) << std::flush;
        Result<std::optional<std::string>> line = co_await input->next();
        if (!line) co_return line.error();
        if (!*line) {
            session.console.say("");
            step.outcome = MenuOutcome::leave;
            co_return step;
        }
        step = answer(std::move(step.menu), **line, facts);
    }
    co_return step;
}

task<int> run_interactive_restore(Session& session, Arguments arguments) {
    Result<MenuFacts> facts = co_await menu_facts(session);
    if (!facts) co_return report(session, facts.error());
    if (facts->backups.empty()) {
        Error const none{Errc::not_found, "there are no backups yet"};
        co_return report(session, none);
    }
    auto const& terminal = session.console.terminal;
    bool const keys = terminal.err && terminal.can_draw && input_is_terminal();
    Result<MenuStep> chosen = Error{Errc::cancelled, ""};
    if (keys) chosen = co_await ask_by_keys(session, *facts);
    else chosen = co_await ask_by_lines(session, *facts);
    bool const restores = chosen && chosen->outcome == MenuOutcome::restore;
    if (!restores) {
        if (!chosen && !session.interrupted) co_return report(session, chosen.error());
        session.console.say("Nothing was restored.");
        co_return exit_interrupted;
    }
    rpc::StartRestore::Params params;
    params.backup = facts->backups[chosen->menu.backup].name;
    params.vm = chosen->menu.name;
    auto const options = session.console.render_options();
    if (keys)
        for (auto const& sentence : summary_of(chosen->menu, *facts, options))
            session.console.say(wrapped(sentence, 0, options.width));
    bool const detach = arguments.has("detach");
    co_return co_await start_job<rpc::StartRestore>(session, std::move(params), detach);
}

}  // namespace

CommandSpec interactive_restore_command() {
    return {
        .word = "interactive-restore",
        .summary = "from a menu",
        .options = {{.name = "detach", .help = "print the job id and return immediately"}},
        .details = R"(Asks for the VM, one of its backups, and a name for the new VM. Arrow keys and
Enter choose, letters search, Escape goes back. Backups of deleted VMs are
listed too. Nothing happens before the last question. Without a terminal, and
with TERM=dumb, it asks questions that are answered in lines: a number, or a
part of the name.)",
        .examples = {"scale-backupctl interactive-restore"},
        .run = run_interactive_restore,
    };
}

}  // namespace sb::ctl
