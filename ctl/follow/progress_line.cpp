#include "ctl/follow/progress_line.hpp"

#include "common/text/size_text.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>
#include <utility>

namespace sb::ctl {
namespace {

constexpr std::size_t widest_name = 30;
constexpr std::size_t widest_job_bar = 40;
constexpr std::size_t widest_operation_bar = 30;
constexpr std::size_t narrowest_bar = 6;  // less shows nothing

/// "[====>    ]"; `percent` from 0 to 100, `width` in columns without the brackets.
std::string bar(int percent, std::size_t width) {
    auto const filled = static_cast<std::size_t>(percent) * width / 100;
    std::string inside(filled, '=');
    if (filled < width) inside += '>';
    inside.resize(width, ' ');
    return "[" + inside + "]";
}

/// ": the disk is full", or nothing.
std::string reason_text(rpc::JobInfo const& job) { return job.error ? ": " + escape_controls(*job.error) : ""; }

std::string percent_text(int percent) { return pad_to_width(std::to_string(percent), 3, Align::right) + " %"; }

}  // namespace

std::string progress_line(rpc::JobInfo const& job, Forecast const& forecast, std::size_t width) {
    auto const name_room = std::max<std::size_t>(1, std::min(widest_name, width / 3));
    auto name = cut_to_width(escape_controls(job.vm.empty() ? job.vm_uuid : job.vm), name_room);
    if (!name.empty()) name += "  ";
    if (waits_for_name(job) || is_stalled(job))
        return cut_to_width(name + phase_with_percent(job) + reason_text(job), width);
    if (!has_percent(job)) return cut_to_width(name + phase_with_percent(job), width);

    int const percent = std::clamp(job.percent.value_or(0), 0, 100);
    auto const base = name + percent_text(percent);
    // What does not fit is left out, the least important first.
    std::string rate;
    if (forecast.bytes_per_second) rate = "  " + size_text(*forecast.bytes_per_second) + "/s";
    std::string left;
    if (forecast.left) left = "  " + short_length_text(*forecast.left) + " left";
    std::string mark;
    if (job.cancel_requested) mark = "  cancelling";
    std::size_t const bar_frame = narrowest_bar + 4;  // brackets and a gap
    auto total = [&] { return display_width(base) + rate.size() + left.size() + mark.size(); };
    if (total() + bar_frame > width) rate.clear();
    if (total() > width) left.clear();
    if (total() > width) mark.clear();

    std::string bar_part;
    if (total() + bar_frame <= width) bar_part = bar(percent, std::min(widest_job_bar, width - total() - 4)) + "  ";
    return cut_to_width(name + bar_part + percent_text(percent) + rate + left + mark, width);
}

std::string phase_text(rpc::OperationInfo const& operation) {
    if (operation.phase == "snapshot") return "taking a snapshot";
    if (operation.phase == "converting") return "waiting for the conversion";
    return operation.phase;
}

std::string operation_line(std::string const& name, rpc::OperationInfo const& operation, Forecast const& forecast,
                           std::size_t width) {
    auto const room = std::max<std::size_t>(1, std::min(widest_name, width / 3));
    auto const begin = cut_to_width(escape_controls(name), room) + "  ";
    if (operation.phase != "uploading" || operation.total_bytes == 0)
        return cut_to_width(begin + phase_text(operation), width);

    auto const done = std::min(operation.done_bytes, operation.total_bytes);
    int const percent = static_cast<int>(static_cast<double>(done) / static_cast<double>(operation.total_bytes) * 100);
    auto const percents = percent_text(percent);
    // What does not fit is left out, the least important first.
    auto sizes = size_text(done) + " of " + size_text(operation.total_bytes) + "  ";
    std::string rate;
    if (forecast.bytes_per_second) rate = "  " + size_text(*forecast.bytes_per_second) + "/s";
    std::string left;
    if (forecast.left) left = "  " + short_length_text(*forecast.left) + " left";
    std::size_t const bar_frame = 4;  // brackets and a gap
    auto total = [&] { return display_width(begin) + sizes.size() + percents.size() + rate.size() + left.size(); };
    if (total() + bar_frame + narrowest_bar > width) sizes.clear();
    if (total() > width) rate.clear();
    if (total() > width) left.clear();
    std::string bar_part;
    if (total() + bar_frame + narrowest_bar <= width)
        bar_part = bar(percent, std::min(widest_operation_bar, width - total() - bar_frame)) + "  ";
    return cut_to_width(begin + bar_part + sizes + percents + rate + left, width);
}

std::optional<std::string> EventLines::line_for(rpc::JobInfo const& job, bool with_job_text) {
    auto text = phase_text(job);
    bool const counts = has_percent(job);
    int const tens = counts ? std::clamp(job.percent.value_or(0), 0, 100) / 10 : 0;
    auto& said = said_[job.id];
    // Only upwards: progress that falls back by a percent must not repeat a line.
    bool const further = counts && said.text == text && tens > said.tens;
    if (said.text == text && !further) return std::nullopt;
    said = {std::move(text), tens};

    auto line = "job " + std::to_string(job.id) + ": ";
    if (with_job_text) line += job_text(job) + ": ";
    line += said.text;
    if (counts) line += " " + std::to_string(job.percent.value_or(0)) + " %";
    if (waits_for_name(job) || is_stalled(job)) line += reason_text(job);
    if (has_ended(job)) {
        line += reason_text(job);
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
