#pragma once
// How followed jobs are shown: bars on a terminal, lines everywhere else.

#include "common/rpc/methods.hpp"
#include "common/task.hpp"
#include "ctl/console.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <ostream>
#include <string>

namespace sb::ctl {

class JobView {
public:
    virtual ~JobView() = default;
    /// The job's present state; ended ones too.
    virtual void show(rpc::JobInfo const& job) = 0;
    /// A line for people that is not about a job (stderr).
    virtual void notice(std::string const& line) = 0;
    /// Clears what is shown: after a lost connection the present state follows.
    virtual void clear() = 0;
    /// Leaves the terminal clean. Nothing is shown afterwards.
    virtual void finish() = 0;
};

/// `all` = the view shows many jobs, so that each line names its job, and each end has its own line.
std::unique_ptr<JobView> plain_job_view(Console& console, std::ostream& out, bool all);
/// Draws at most ten times a second. `console` and `out` must outlive it.
std::unique_ptr<JobView> live_job_view(asio::any_io_executor executor, Console& console, std::ostream& out, bool all);

}  // namespace sb::ctl
