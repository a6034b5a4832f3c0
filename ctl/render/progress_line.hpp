#pragma once
// A running job as text: the bar for a terminal, event lines for everything else.

#include "common/rpc/methods.hpp"
#include "ctl/progress.hpp"
#include "ctl/render/look.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::ctl {

/// "FILE01  [=====>     ]  42 %  118 MiB/s  3 min 20 s left", never wider than `width`. Phases without a
/// percent are told in words: "FILE01  checking what arrived".
std::string progress_line(rpc::JobInfo const& job, Forecast const& forecast, std::size_t width);

/// Says what is worth a line of its own: a change of phase, every 10 %, the end.
class EventLines {
public:
    /// "job 17: exporting 12 %", or nothing if that was said already. `task` puts what the job is about into
    /// each line, for a stream that tells of many jobs.
    std::optional<std::string> line_for(rpc::JobInfo const& job, bool task);

private:
    struct Said {
        std::string words;
        int tens = 0;
    };
    std::map<JobId, Said> said_;
};

/// Lines at the bottom of a terminal that are drawn over again and again. Makes the bytes; writes nothing.
class LiveLines {
public:
    /// The lines must not be wider than the terminal.
    std::string redraw(std::vector<std::string> const& lines);
    /// Takes them away; what is printed next begins where they were.
    std::string erase();

private:
    std::string to_the_top();
    std::size_t drawn_ = 0;
};

}  // namespace sb::ctl
