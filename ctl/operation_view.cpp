#include "ctl/operation_view.hpp"

#include "ctl/render/display_width.hpp"

#include <algorithm>

namespace sb::ctl {

void OperationView::show(rpc::OperationInfo const& operation) {
    if (operation.state != "running") return;
    auto const now = console_.steady_now();
    pace_.observe(now, operation.done_bytes);
    auto const& terminal = console_.terminal;
    if (!terminal.talk || !terminal.can_draw || !terminal.width) return say_in_lines(operation);
    // The last column stays free: some terminals wrap as soon as it is written.
    auto const width = std::max<std::size_t>(2, terminal.width()) - 1;
    auto const line = operation_line(name_, operation, pace_.forecast(now, operation.total_bytes), width);
    console_.talk << lines_.redraw({line}) << std::flush;
}

void OperationView::say_in_lines(rpc::OperationInfo const& operation) {
    bool const counted = operation.phase == "uploading" && operation.total_bytes > 0;
    auto const share =
        counted ? static_cast<double>(operation.done_bytes) / static_cast<double>(operation.total_bytes) : 0.0;
    int const tens = static_cast<int>(share * 10);
    if (operation.phase == said_phase_ && tens <= said_tens_) return;
    said_phase_ = operation.phase;
    said_tens_ = tens;
    auto line = escape_controls(name_) + ": " + phase_words(operation);
    if (counted) line += " " + std::to_string(tens * 10) + " %";
    console_.say(line);
}

void OperationView::finish() { console_.talk << lines_.erase() << std::flush; }

}  // namespace sb::ctl
