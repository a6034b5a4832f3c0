#include "daemon/api/long_calls.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sb::api {
namespace {

using namespace std::chrono_literals;

/// A client that has changed something a moment ago sees its change.
SharedWorkTerms fresh(std::string name) {
    constexpr std::size_t most_waiting = 16;  // clients that ask for different parts of a list
    return {std::move(name), most_waiting, 120s, true, "'scale-backupctl status' shows whether LocalPath hangs"};
}

}  // namespace

LongCalls::LongCalls(asio::any_io_executor const& executor)
    : forecasts(executor, {"the simulation"}),
      explanations(executor, {"the explanation", 16}),
      inspections(executor, {"the inspection of folders", 4, 10min}),
      old_folders(executor, {"the list of folders"}),
      checks(executor, {"the check", 4, 10min}),
      backups(executor, fresh("the list of backups")),
      retention(executor, fresh("the evaluation of the retention rules")),
      links(executor, fresh("the list of linked VMs")),
      jobs(executor, fresh("the list of jobs")),
      runs(executor, fresh("the list of runs")),
      single_runs(executor, fresh("the search for a run")),
      queue(executor, fresh("the queue")),
      adoption_previews(executor, fresh("the preview of an adoption")) {}

void LongCalls::stop() {
    auto const stop_each = [](auto&... work) { (work.stop(), ...); };
    std::apply(stop_each, all());
}

task<void> LongCalls::join() {
    std::vector<task<void>> joined;
    auto const join_each = [&joined](auto&... work) { (joined.push_back(work.join()), ...); };
    std::apply(join_each, all());
    for (auto& one : joined) co_await std::move(one);
}

void LongCalls::abandon() {
    plan_thread.abandon();
    list_threads.abandon();
}

}  // namespace sb::api
