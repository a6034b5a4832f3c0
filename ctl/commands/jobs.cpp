#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sb::ctl {
namespace {

/// The daemon sends at most 1000 finished jobs at a time.
task<Result<rpc::ListJobs::Reply>> all_pages(std::string socket, int limit) {
    constexpr int most = 1000;
    rpc::ListJobs::Reply all;
    rpc::ListJobs::Params params;
    for (int left = limit;; left -= most) {
        params.limit = std::min(left, most);
        Result<rpc::ListJobs::Reply> page = co_await ask<rpc::ListJobs>(socket, params);
        if (!page) co_return page.error();
        auto const is_finished = [](rpc::JobInfo const& job) { return job.phase == "finished"; };
        auto const finished = std::ranges::count_if(page->jobs, is_finished);
        for (auto const& job : page->jobs)
            if (is_finished(job)) params.before = job.id;  // the oldest is the last
        std::ranges::move(page->jobs, std::back_inserter(all.jobs));
        if (left <= most || finished < most) co_return all;
    }
}

task<int> run_jobs(Session& session, Arguments arguments) {
    int const limit = arguments.number("limit");
    bool const unfinished_only = limit == 0;
    Result<rpc::ListJobs::Reply> reply = co_await all_pages(session.options.socket, limit);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->jobs);
        co_return exit_done;
    }
    if (reply->jobs.empty())
        session.console.say(unfinished_only ? "No job is queued or running." : "There are no jobs.");
    session.console.out << jobs_page(reply->jobs, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec jobs_command() {
    return {
        .word = "jobs",
        .summary = "list jobs",
        .options = {{.name = "limit",
                     .value_name = "N",
                     .value = {.kind = ValueKind::number, .least = 0, .most = 100'000},
                     .default_value = "100",
                     .help = "at most N finished jobs"}},
        .details = R"(Lists queued, running and finished jobs, newest first. Errors and failed hooks
are listed below their job.)",
        .examples = {"scale-backupctl jobs --limit 10"},
        .run = run_jobs,
    };
}

}  // namespace sb::ctl
