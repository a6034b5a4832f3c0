#include "ctl/render/progress_line.hpp"

#include "common/text/size_text.hpp"
#include "ctl/render/bar.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/words.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr std::size_t widest_name = 30;
constexpr std::size_t widest_bar = 40;

std::string percent_text(int percent) { return pad_to_width(std::to_string(percent), 3, Align::right) + " %"; }

}  // namespace

std::string progress_line(rpc::JobInfo const& job, Forecast const& forecast, std::size_t width) {
    auto const name_room = std::max<std::size_t>(1, std::min(widest_name, width / 3));
    auto name = cut_to_width(escape_controls(job.vm.empty() ? job.vm_uuid : job.vm), name_room);
    if (!name.empty()) name += "  ";
    if (!has_percent(job)) return cut_to_width(name + phase_with_percent(job), width);

    int const percent = std::clamp(job.percent.value_or(0), 0, 100);
    auto const base = name + percent_text(percent);
    // What does not fit is left out, the least important first.
    std::string rate;
    if (forecast.bytes_per_second) rate = "  " + size_text(*forecast.bytes_per_second) + "/s";
    std::string left;
    if (forecast.left) left = "  " + length_text(*forecast.left) + " left";
    std::string mark;
    if (job.cancel_requested) mark = job.kind == "verify" ? "  to be cancelled" : "  to be discarded";
    std::size_t const bar_frame = narrowest_bar + 4;  // brackets and a gap
    auto total = [&] { return display_width(base) + rate.size() + left.size() + mark.size(); };
    if (total() + bar_frame > width) rate.clear();
    if (total() > width) left.clear();
    if (total() > width) mark.clear();

    std::string bar_part;
    if (total() + bar_frame <= width) bar_part = bar(percent, std::min(widest_bar, width - total() - 4)) + "  ";
    return cut_to_width(name + bar_part + percent_text(percent) + rate + left + mark, width);
}

std::optional<std::string> EventLines::line_for(rpc::JobInfo const& job, bool task) {
    auto words = phase_words(job);
    bool const counts = has_percent(job);
    int const tens = counts ? std::clamp(job.percent.value_or(0), 0, 100) / 10 : 0;
    auto& said = said_[job.id];
    // Only upwards: progress that falls back by a percent must not repeat a line.
    bool const further = counts && said.words == words && tens > said.tens;
    if (said.words == words && !further) return std::nullopt;
    said = {words, tens};

    auto line = "job " + std::to_string(job.id) + ": ";
    if (task) line += task_words(job) + ": ";
    line += words;
    if (counts) line += " " + std::to_string(job.percent.value_or(0)) + " %";
    if (has_ended(job)) {
        if (job.error) line += ": " + escape_controls(*job.error);
        for (auto const& warning : job.warnings) line += "; warning: " + escape_controls(warning);
        said_.erase(job.id);
    }
    return line;
}

std::string LiveLines::to_the_top() {
    if (drawn_ < 2) return "\r";
    return "\r\x1b[" + std::to_string(drawn_ - 1) + "A";
}

std::string LiveLines::redraw(std::vector<std::string> const& lines) {
    if (lines.empty()) return erase();
    auto out = to_the_top();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        // Clearing behind the new text instead of before it: nothing flickers.
        out += (i > 0 ? "\n" : "") + lines[i] + "\x1b[K";
    }
    if (lines.size() < drawn_) out += "\x1b[J";
    drawn_ = lines.size();
    return out;
}

std::string LiveLines::erase() {
    if (drawn_ == 0) return "";
    auto out = to_the_top() + "\x1b[J";
    drawn_ = 0;
    return out;
}

}  // namespace sb::ctl
