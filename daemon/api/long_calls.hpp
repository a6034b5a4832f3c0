#pragma once
// The calls that take long or have long answers. One of each kind is worked on at a time for all who ask; what
// they compute and convert is done on separate threads, so that the event loop stays free for the other callers.

#include "common/rpc/methods.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/shared_work.hpp"
#include "daemon/control/handler_table.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <tuple>
#include <utility>

namespace sb::api {

/// stop() and join() before it is destroyed.
struct LongCalls {
    template <class Method>
    using Work = SharedWork<control::SharedReply<Method>>;

    explicit LongCalls(asio::any_io_executor const& executor);

    /// Ends all; those who wait get Errc::cancelled.
    void stop();
    task<void> join();
    /// For a stop that takes too long: what runs on a thread is not waited for.
    void abandon();
    bool has_abandoned() const { return plan_thread.has_abandoned() || list_threads.has_abandoned(); }

    BlockingPool plan_thread{1};   ///< simulates nights, for seconds
    BlockingPool list_threads{2};  ///< evaluate and convert lists, for a fraction of a second
    // Their answers are as of some moment while the client waits.
    Work<rpc::Forecast> forecasts;
    Work<rpc::ExplainVm> explanations;
    Work<rpc::InspectOldFolder> inspections;
    Work<rpc::ListOldFolders> old_folders;
    Work<rpc::CheckHealth> checks;
    // Their answers are no older than the question.
    Work<rpc::ListBackups> backups;
    Work<rpc::ShowRetention> retention;
    Work<rpc::ListLinks> links;
    Work<rpc::ListJobs> jobs;
    Work<rpc::ListRuns> runs;
    Work<rpc::GetRun> single_runs;
    Work<rpc::ShowQueue> queue;
    Work<rpc::PreviewAdoption> adoption_previews;

private:
    auto all() {
        return std::tie(forecasts, explanations, inspections, old_folders, checks, backups, retention, links, jobs,
                        runs, single_runs, queue, adoption_previews);
    }
};

/// So that users who may only read do not keep an administrator waiting, or from an answer.
inline bool goes_first(control::Caller const& caller) { return caller.rank >= control::Rank::admin; }

/// What `work` returns, a Reply of the method, for all who wait for it. It runs on the pool, so it must own what it
/// uses.
template <class Method, class Work>
task<Result<control::SharedReply<Method>>> reply_on(BlockingPool& pool, Work work) {
    auto make = [work = std::move(work)]() mutable -> control::SharedReply<Method> {
        return std::make_shared<typename Method::Reply const>(work());
    };
    co_return co_await pool.run(std::move(make));
}

}  // namespace sb::api
