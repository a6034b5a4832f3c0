#include "common/error.hpp"
#include "ctl/ask.hpp"
#include "ctl/follow/follow_job.hpp"

namespace sb::ctl {
namespace {

void print_verify_ids(Session& session, std::vector<rpc::JobInfo> const& jobs, bool one_was_named) {
    if (session.options.json && one_was_named) return print_json(session, jobs.front());
    if (session.options.json) return print_json(session, jobs);
    for (auto const& job : jobs) session.console.out << job.id << '\n';
}

/// One after the other, in the order of the daemon. The first exit code that is not 0; an interrupt ends it.
task<int> follow_verifications(Session& session, std::vector<rpc::JobInfo> jobs) {
    std::vector<rpc::JobInfo> seen;
    FollowOptions options;
    options.collect = &seen;
    int code = exit_done;
    for (auto const& job : jobs) {
        Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
        if (!client) co_return report(session, client.error());
        int const one = co_await follow_job(session, std::move(*client), job.id, options);
        if (code == exit_done || one == exit_interrupted) code = one;
        if (session.interrupted) break;
    }
    if (session.options.json) print_json(session, seen);
    co_return code;
}

task<int> run_verify(Session& session, Arguments arguments) {
    rpc::StartVerify::Params params;
    params.backups = arguments.texts("NAME");
    bool const one_was_named = params.backups.size() == 1;
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    params.level = arguments.text("level");
    Result<rpc::StartVerify::Reply> started = co_await (*client)->call<rpc::StartVerify>(std::move(params));
    if (!started) co_return report_failed_start(session, started.error(), "The jobs", "scale-backupctl jobs");
    auto& jobs = started->jobs;
    if (jobs.empty()) {
        session.console.say("There is no backup to verify.");
        if (session.options.json) print_json(session, jobs);
        co_return exit_done;
    }
    if (arguments.has("detach")) {
        print_verify_ids(session, jobs, one_was_named);
        co_return exit_done;
    }
    if (!one_was_named) co_return co_await follow_verifications(session, std::move(jobs));
    FollowOptions options;
    co_return co_await follow_job(session, std::move(*client), jobs.front().id, options);
}

}  // namespace

CommandSpec verify_command() {
    return {
        .word = "verify",
        .summary = "verify backups",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::backup},
                       .help = "the backup's name, as 'show-backups' prints it",
                       .optional = true,
                       .repeats = true}},
        .options = {{.name = "level",
                     .value_name = "LEVEL",
                     .value = {ValueKind::choice,
                               {{"structure", "definition, disks and their tables"},
                                {"content", "every byte, compared if verified before"},
                                {"reread", "every byte, refused if never verified before"}}},
                     .default_value = "content",
                     .help = "level of verification"},
                    {.name = "detach", .help = "print the job ids, one a line, and return immediately"}},
        .details = R"(Verifies backups, one after the other; without NAME all of them. Waits and
shows progress; Ctrl-C stops waiting only. Exit code 1 if one fails.)",
        .examples = {"scale-backupctl verify 'FILE01 before the update'"},
        .run = run_verify,
    };
}

}  // namespace sb::ctl
