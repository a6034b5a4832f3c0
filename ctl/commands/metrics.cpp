#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/metrics.hpp"

#include <filesystem>
#include <fstream>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;

/// As much as can be had; only a daemon that does not answer is an error.
task<Result<MetricsFacts>> gather(std::string socket) {
    MetricsFacts facts;
    Result<std::unique_ptr<Client>> client = co_await Client::connect(std::move(socket));
    if (!client) co_return client.error();
    rpc::Status::Params about_all;
    Result<rpc::Status::Reply> status = co_await (*client)->call<rpc::Status>(about_all);
    if (!status) co_return status.error();
    rpc::ListJobs::Params unfinished;
    unfinished.limit = 0;
    Result<rpc::ListJobs::Reply> jobs = co_await (*client)->call<rpc::ListJobs>(unfinished);
    if (!jobs) co_return jobs.error();
    rpc::ListBackups::Params of_all;
    Result<rpc::ListBackups::Reply> backups = co_await (*client)->call<rpc::ListBackups>(of_all);
    facts.status = std::move(*status);
    facts.jobs = std::move(jobs->jobs);
    if (backups) facts.backups = std::move(backups->backups);
    if (!facts.status->window.configured) co_return facts;
    rpc::ShowQueue::Params whole;
    Result<rpc::ShowQueue::Reply> queue = co_await (*client)->call<rpc::ShowQueue>(whole);
    if (queue) facts.queue = std::move(queue->queue);
    co_return facts;
}

/// Whoever reads the file sees the old one or the new one.
Result<void> replace_file(fs::path const& file, std::string const& text) {
    auto const part = fs::path(file.string() + ".part");
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    std::error_code problem;
    if (out) fs::rename(part, file, problem);
    if (out && !problem) return {};
    auto const why = out ? problem.message() : std::string("it cannot be written");
    fs::remove(part, problem);
    return Error{Errc::io, "writing '" + file.string() + "': " + why};
}

std::string rendered(Session const& session, MetricsFacts const& facts) {
    auto const metrics = metrics_of(facts);
    if (!session.options.json) return metrics_text(metrics);
    json::Writer out;
    write_metrics(out, metrics);
    return out.take() + "\n";
}

}  // namespace

task<int> run_command(Session& session, Metrics command) {
    Result<MetricsFacts> facts = co_await gather(session.options.socket);
    // That nobody answers is a number too; that somebody answers otherwise is not.
    bool const is_a_number = facts || facts.error().code == Errc::daemon_unreachable;
    if (session.interrupted || !is_a_number) co_return report(session, facts ? Error{} : facts.error());
    auto const text = rendered(session, facts ? *facts : MetricsFacts{});
    if (command.output.empty()) {
        session.console.results << text;
    } else if (auto const written = replace_file(command.output, text); !written) {
        session.console.say("scale-backupctl: " + written.error().context);
        if (facts) co_return exit_code_of(written.error().code);
    }
    if (facts) co_return exit_done;
    session.console.say("scale-backupctl: " + escape_controls(facts.error().context));
    co_return exit_code_of(facts.error().code);
}

}  // namespace sb::ctl
