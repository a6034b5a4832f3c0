#include "ctl/ask.hpp"
#include "ctl/cli/bash_line.hpp"
#include "ctl/cli/completion.hpp"

namespace sb::ctl {
namespace {

/// A person is waiting at the keyboard, so the daemon gets only this long to answer.
constexpr Milliseconds completion_limit{250};
constexpr int newest_jobs = 30;

/// After the shell's name, bash gives COMP_WORDBREAKS and the line up to the cursor; fish and zsh give the words up to
/// the cursor, of which the last one is being typed.
BashLine line_of(std::string const& shell, std::vector<std::string> words) {
    if (shell == "bash") {
        if (words.size() != 2) return {};
        return read_bash_line(words[1], words[0]);
    }
    BashLine line;
    line.typed.before = words;
    if (words.empty()) return line;
    line.typed.current = words.back();
    line.typed.before.pop_back();
    return line;
}

template <class Method>
task<Result<typename Method::Reply>> ask_briefly(std::string socket, typename Method::Params params) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(std::move(socket));
    if (!client) co_return client.error();
    (*client)->set_call_limit(completion_limit);
    co_return co_await (*client)->template call<Method>(std::move(params));
}

task<CompletionFacts> ask_for_vms(std::string socket) {
    CompletionFacts facts;
    rpc::ListVms::Params nothing;
    Result<rpc::ListVms::Reply> reply = co_await ask_briefly<rpc::ListVms>(std::move(socket), nothing);
    if (reply) facts.vms = std::move(reply->vms);
    co_return facts;
}

task<CompletionFacts> ask_for_backups(std::string socket) {
    CompletionFacts facts;
    rpc::ListBackups::Params nothing;
    Result<rpc::ListBackups::Reply> reply = co_await ask_briefly<rpc::ListBackups>(std::move(socket), nothing);
    if (reply) facts.backups = std::move(reply->backups);
    co_return facts;
}

task<CompletionFacts> ask_for_deleted(std::string socket) {
    CompletionFacts facts;
    rpc::ListDeletedBackups::Params nothing;
    Result<rpc::ListDeletedBackups::Reply> reply =
        co_await ask_briefly<rpc::ListDeletedBackups>(std::move(socket), nothing);
    if (reply) facts.deleted = std::move(reply->backups);
    co_return facts;
}

task<CompletionFacts> ask_for_links(std::string socket) {
    CompletionFacts facts;
    rpc::ListLinks::Params nothing;
    Result<rpc::ListLinks::Reply> reply = co_await ask_briefly<rpc::ListLinks>(std::move(socket), nothing);
    if (reply) facts.links = std::move(*reply);
    co_return facts;
}

task<CompletionFacts> ask_for_jobs(std::string socket) {
    CompletionFacts facts;
    rpc::ListJobs::Params newest;
    newest.limit = newest_jobs;
    Result<rpc::ListJobs::Reply> reply = co_await ask_briefly<rpc::ListJobs>(std::move(socket), newest);
    if (reply) facts.jobs = std::move(reply->jobs);
    co_return facts;
}

task<CompletionFacts> nothing_to_ask() { co_return CompletionFacts(); }

/// Whatever fails, there is just nothing to offer.
task<CompletionFacts> facts_for(std::optional<ValueKind> kind, std::string socket) {
    if (!kind) return nothing_to_ask();
    switch (*kind) {
        case ValueKind::vm:
        case ValueKind::disk: return ask_for_vms(std::move(socket));
        case ValueKind::backup:
        case ValueKind::protected_backup:
        case ValueKind::unaccepted_backup:
        case ValueKind::unprotected_backup: return ask_for_backups(std::move(socket));
        case ValueKind::deleted_backup: return ask_for_deleted(std::move(socket));
        case ValueKind::earlier_vm: return ask_for_links(std::move(socket));
        case ValueKind::job:
        case ValueKind::unfinished_job: return ask_for_jobs(std::move(socket));
        case ValueKind::new_name:
        case ValueKind::number:
        case ValueKind::choice:
        case ValueKind::command:
        case ValueKind::file: break;
    }
    return nothing_to_ask();
}

task<int> run_complete(Session& session, Arguments arguments) {
    auto words = arguments.texts("WORD");
    auto const shell = words.empty() ? std::string() : words.front();
    if (!words.empty()) words.erase(words.begin());
    auto const line = line_of(shell, std::move(words));
    auto const expectation = expectation_of(line.typed);
    auto& out = session.console.out;
    if (expectation.kind == ValueKind::file) {
        out << "files\n";
        co_return exit_done;
    }
    std::string socket = session.options.socket;
    if (!expectation.socket.empty()) socket = expectation.socket;
    CompletionFacts facts = co_await facts_for(expectation.kind, std::move(socket));
    auto const candidates = candidates_of(expectation, facts, session.console.render_options());
    out << "words\n";
    if (shell == "bash") {
        for (auto const& reply : bash_replies(line, candidates)) out << reply << '\n';
        co_return exit_done;
    }
    for (auto const& one : candidates) out << one.value << '\t' << one.note << '\n';
    co_return exit_done;
}

}  // namespace

CommandSpec complete_command() {
    return {
        .word = "__complete",
        .arguments = {{.name = "WORD", .optional = true, .repeats = true}},
        .run = run_complete,
        .internal = true,
    };
}

}  // namespace sb::ctl
