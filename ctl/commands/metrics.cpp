#include "ctl/ask.hpp"
#include "ctl/output_file.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/metrics.hpp"

#include <algorithm>
#include <chrono>

namespace sb::ctl {
namespace {

/// A scrape gives up after 10 s by default.
class TimeLeft {
public:
    /// For the next call, if `reserved` is kept for those after it; at least a moment.
    Milliseconds without(Milliseconds reserved) const {
        auto const left = std::chrono::floor<Milliseconds>(end_ - std::chrono::steady_clock::now()) - reserved;
        return std::max(left, Milliseconds(100));
    }

private:
    std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(9000);
};

constexpr Milliseconds for_the_queue = std::chrono::seconds(3);
constexpr Milliseconds for_the_rest = std::chrono::seconds(5);

/// The cluster may hang, and LocalPath, too.
task<void> ask_for_queue(Client& client, TimeLeft left, MetricsFacts& facts) {
    rpc::ShowQueue::Params whole;
    client.set_call_limit(left.without(Milliseconds::zero()));
    Result<rpc::ShowQueue::Reply> queue = co_await client.call<rpc::ShowQueue>(whole);
    if (queue) facts.queue = std::move(queue->queue);
    else facts.no_queue = queue.error();
}

/// The queue was read from the cluster, or not: what the daemon has found out by that is newer than the first status.
task<void> update_cluster(Client& client, TimeLeft left, MetricsFacts& facts) {
    rpc::Status::Params about_all;
    client.set_call_limit(left.without(Milliseconds::zero()));
    Result<rpc::Status::Reply> status = co_await client.call<rpc::Status>(about_all);
    if (status) facts.status->cluster = std::move(status->cluster);
}

/// As much as is available in time; only a daemon that does not answer is an error.
task<Result<MetricsFacts>> metrics_facts(std::string socket) {
    MetricsFacts facts;
    TimeLeft const left;
    Result<std::unique_ptr<Client>> client = co_await Client::connect(socket);
    if (!client) co_return client.error();
    rpc::Status::Params about_all;
    (*client)->set_call_limit(left.without(for_the_rest));
    Result<rpc::Status::Reply> status = co_await (*client)->call<rpc::Status>(about_all);
    if (!status) co_return status.error();
    rpc::ListJobs::Params unfinished;
    unfinished.limit = 0;
    (*client)->set_call_limit(left.without(for_the_queue));
    Result<rpc::ListJobs::Reply> jobs = co_await (*client)->call<rpc::ListJobs>(unfinished);
    if (!jobs) co_return jobs.error();
    rpc::ListBackups::Params of_all;
    (*client)->set_call_limit(left.without(for_the_queue));
    Result<rpc::ListBackups::Reply> backups = co_await (*client)->call<rpc::ListBackups>(of_all);
    facts.status = std::move(*status);
    facts.jobs = std::move(jobs->jobs);
    if (backups) facts.backups = std::move(backups->backups);
    if (!facts.status->window.configured) co_return facts;
    if (!backups && backups.error().code == Errc::daemon_unreachable) {  // its connection waits for that answer
        client = co_await Client::connect(std::move(socket));
        if (!client) facts.no_queue = client.error();
        if (!client) co_return facts;
    }
    co_await ask_for_queue(**client, left, facts);
    // A call that had no answer in time still occupies its connection.
    bool const has_answered = facts.queue || facts.no_queue->code != Errc::daemon_unreachable;
    if (has_answered) co_await update_cluster(**client, left, facts);
    co_return facts;
}

std::string rendered_metrics(Session const& session, MetricsFacts const& facts) {
    auto const metrics = metrics_of(facts);
    if (!session.options.json) return metrics_text(metrics);
    json::Writer out;
    write_metrics(out, metrics);
    return out.take() + "\n";
}

task<int> run_metrics(Session& session, Arguments arguments) {
    Result<MetricsFacts> facts = co_await metrics_facts(session.options.socket);
    // "Nothing answers" is a number too; an error in the answer is not.
    bool const is_a_number = facts || facts.error().code == Errc::daemon_unreachable;
    if (session.interrupted || !is_a_number) co_return report(session, facts ? Error{} : facts.error());
    auto const text = rendered_metrics(session, facts ? *facts : MetricsFacts{});
    auto const output = arguments.text("output");
    if (output.empty()) {
        session.console.out << text;
    } else if (auto const written = write_output_file(output, text); !written) {
        if (facts) co_return report(session, written.error());
        session.console.say("scale-backupctl: " + escape_controls(written.error().context));
    }
    if (facts) co_return exit_done;
    // With --json, stdout gets one document: the metrics or, if they went to a file, the error.
    if (!output.empty()) co_return report(session, facts.error());
    session.console.say("scale-backupctl: " + escape_controls(facts.error().context));
    co_return exit_code_of(facts.error().code);
}

}  // namespace

CommandSpec metrics_command() {
    return {
        .word = "metrics",
        .summary = "numbers for Prometheus",
        .options = {{.name = "output",
                     .value_name = "FILE",
                     .value = {ValueKind::file},
                     .help = "replace FILE atomically, or write into it if it is a\n"
                             "device or a pipe; print nothing"}},
        .details = R"(Prints numbers about the daemon, the cluster, the backups and each VM in the
text format of Prometheus, for the textfile collector of node_exporter. If the
daemon does not answer, the only number is scale_backup_up 0, and the exit code
is 5. docs/monitoring.md lists the names, and rules for alerts.)",
        .examples = {"scale-backupctl metrics --output /var/lib/metrics/backup.prom"},
        .run = run_metrics,
    };
}

}  // namespace sb::ctl
