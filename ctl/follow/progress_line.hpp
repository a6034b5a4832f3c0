#pragma once
// A running job or operation as text: the bar for a terminal, event lines for everything else.

#include "common/rpc/methods.hpp"
#include "ctl/follow/progress.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::ctl {

/// "FILE01  [=====>     ]  42 %  118 MiB/s  3 min 20 s left", never wider than `width`. Phases without a
/// percent are shown in words: "FILE01  verifying the export".
std::string progress_line(rpc::JobInfo const& job, Forecast const& forecast, std::size_t width);

/// "taking a snapshot", "cloning", "uploading", "waiting for the conversion".
std::string phase_text(rpc::OperationInfo const& operation);
/// "disk.qcow2  [====>      ]  1.2 GiB of 4 GiB   30 %  118 MiB/s  25 s left", never wider than `width`. Phases that
/// are not counted in bytes are shown in words.
std::string operation_line(std::string const& name, rpc::OperationInfo const& operation, Forecast const& forecast,
                           std::size_t width);

/// Makes a line for what deserves one: a change of phase, every 10 %, the end.
class EventLines {
public:
    /// "job 17: exporting 12 %", or nothing if that was printed already. `with_job_text` puts what the job is about
    /// into each line, for a stream of many jobs.
    std::optional<std::string> line_for(rpc::JobInfo const& job, bool with_job_text);

private:
    struct Said {
        std::string text;
        int tens = 0;
    };
    std::map<JobId, Said> said_;
};

/// Lines at the bottom of a terminal that are redrawn in place. Makes the bytes; writes nothing.
class LiveLines {
public:
    /// The lines must not be wider than the terminal.
    std::string redraw(std::vector<std::string> const& lines);
    /// Removes them; what is printed next begins where they were.
    std::string erase();

private:
    std::string to_the_top();
    std::size_t drawn_ = 0;
};

}  // namespace sb::ctl
