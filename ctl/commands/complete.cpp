#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/completion/bash_line.hpp"
#include "ctl/completion/candidates.hpp"

namespace sb::ctl {
namespace {

/// A person waits with a finger on the key: whoever has not answered by then is not asked any longer.
constexpr Milliseconds patience{250};
constexpr int newest_jobs = 30;

BashLine line_of(Complete const& command) {
    auto const& words = command.words;
    if (command.shell == "bash") {
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
    (*client)->set_call_limit(patience);
    co_return co_await (*client)->template call<Method>(std::move(params));
}

task<CompletionFacts> vms_and_disks(std::string socket) {
    CompletionFacts facts;
    rpc::ListVms::Params nothing;
    Result<rpc::ListVms::Reply> reply = co_await ask_briefly<rpc::ListVms>(std::move(socket), nothing);
    if (reply) facts.vms = std::move(reply->vms);
    co_return facts;
}

task<CompletionFacts> backups(std::string socket) {
    CompletionFacts facts;
    rpc::ListBackups::Params nothing;
    Result<rpc::ListBackups::Reply> reply = co_await ask_briefly<rpc::ListBackups>(std::move(socket), nothing);
    if (reply) facts.backups = std::move(reply->backups);
    co_return facts;
}

task<CompletionFacts> jobs(std::string socket) {
    CompletionFacts facts;
    rpc::ListJobs::Params newest;
    newest.limit = newest_jobs;
    Result<rpc::ListJobs::Reply> reply = co_await ask_briefly<rpc::ListJobs>(std::move(socket), newest);
    if (reply) facts.jobs = std::move(reply->jobs);
    co_return facts;
}

task<CompletionFacts> nothing_to_ask() { co_return CompletionFacts(); }

/// Whatever goes wrong, there is just nothing to offer.
task<CompletionFacts> facts_for(Expected what, std::string socket) {
    switch (what) {
        case Expected::vms:
        case Expected::disks: return vms_and_disks(std::move(socket));
        case Expected::backups:
        case Expected::protected_backups:
        case Expected::unprotected_backups: return backups(std::move(socket));
        case Expected::jobs:
        case Expected::unfinished_jobs: return jobs(std::move(socket));
        case Expected::nothing:
        case Expected::words:
        case Expected::files: break;
    }
    return nothing_to_ask();
}

}  // namespace

task<int> run_command(Session& session, Complete command) {
    auto const line = line_of(command);
    auto const expectation = expectation_of(line.typed);
    auto& out = session.console.results;
    if (expectation.what == Expected::files) {
        out << "files\n";
        co_return exit_done;
    }
    std::string socket = session.options.socket;
    if (!expectation.socket.empty()) socket = expectation.socket;
    CompletionFacts facts = co_await facts_for(expectation.what, std::move(socket));
    auto const candidates = candidates_of(expectation, facts, session.console.look());
    out << "words\n";
    if (command.shell == "bash") {
        for (auto const& reply : bash_replies(line, candidates)) out << reply << '\n';
        co_return exit_done;
    }
    for (auto const& one : candidates) out << one.value << '\t' << one.note << '\n';
    co_return exit_done;
}

}  // namespace sb::ctl
