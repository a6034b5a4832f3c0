#include "ctl/errand_view.hpp"

#include "ctl/render/display_width.hpp"

#include <algorithm>

namespace sb::ctl {

void ErrandView::show(rpc::ErrandInfo const& errand) {
    if (errand.state != "running") return;
    auto const now = console_.steady_now();
    pace_.observe(now, errand.done_bytes);
    auto const& terminal = console_.terminal;
    if (!terminal.talk || !terminal.can_draw || !terminal.width) return say_in_lines(errand);
    // The last column stays free: some terminals wrap as soon as it is written.
    auto const width = std::max<std::size_t>(2, terminal.width()) - 1;
    auto const line = errand_line(name_, errand, pace_.forecast(now, errand.total_bytes), width);
    console_.talk << lines_.redraw({line}) << std::flush;
}

void ErrandView::say_in_lines(rpc::ErrandInfo const& errand) {
    bool const counted = errand.phase == "uploading" && errand.total_bytes > 0;
    auto const share = counted ? static_cast<double>(errand.done_bytes) / static_cast<double>(errand.total_bytes) : 0.0;
    int const tens = static_cast<int>(share * 10);
    if (errand.phase == said_phase_ && tens <= said_tens_) return;
    said_phase_ = errand.phase;
    said_tens_ = tens;
    auto line = escape_controls(name_) + ": " + phase_words(errand);
    if (counted) line += " " + std::to_string(tens * 10) + " %";
    console_.say(line);
}

void ErrandView::finish() { console_.talk << lines_.erase() << std::flush; }

}  // namespace sb::ctl
