#include "common/text/size_text.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

/// "17:00 FILE01, 17:20 DB02"
std::string backed_up_text(rpc::NightInfo const& night, RenderOptions const& options) {
    std::vector<std::string> parts;
    for (auto const& backup : night.backed_up) {
        parts.push_back(clock_text(backup.starts, options).substr(0, 5) + " " + backup.vm);
    }
    return parts.empty() ? std::string("no VM is due") : listed(parts);
}

TableRow row_of(rpc::NightInfo const& night, RenderOptions const& options) {
    auto const last = std::ranges::max_element(night.backed_up, {}, &rpc::NightInfo::Backup::ends);
    auto const left = night.not_reached.size();
    TableRow row;
    row.cells = {{moment_text(night.opens, options)},
                 {moment_text(night.closes, options)},
                 {last == night.backed_up.end() ? "-" : moment_text(last->ends, options)},
                 {std::to_string(night.backed_up.size())},
                 {std::to_string(left), left > 0 ? Tone::warning : Tone::plain},
                 {std::to_string(night.deleted.size())},
                 {size_text(night.free_bytes), night.free_bytes == 0 ? Tone::bad : Tone::plain}};
    row.notes.push_back(backed_up_text(night, options));
    if (left > 0) row.notes.push_back("no time for: " + listed(night.not_reached));
    if (!night.deleted.empty()) row.notes.push_back("deletes: " + listed(night.deleted));
    return row;
}

}  // namespace

std::string plan_page(rpc::Forecast::Reply const& forecast, RenderOptions const& options) {
    std::string out;
    if (!forecast.nights.empty()) {
        std::vector<TableRow> rows;
        for (auto const& night : forecast.nights) rows.push_back(row_of(night, options));
        std::vector<Column> const columns{
            {.title = "OPENS"},
            {.title = "CLOSES", .droppable = true},
            {.title = "LAST ENDS", .droppable = true},
            {.title = "BACKED UP", .align = Align::right},
            {.title = "NOT REACHED", .align = Align::right, .droppable = true},
            {.title = "DELETES", .align = Align::right, .droppable = true},
            {.title = "FREE", .align = Align::right},
        };
        out = table(columns, rows, options);
    }
    auto const warn = [&](std::string const& text, Tone tone) {
        constexpr std::string_view label = "Warning: ";
        out += toned(std::string(label) + wrapped(text, label.size(), options.width), tone, options.color) + "\n";
    };
    if (forecast.disk_full_at)
        warn("the disk will be full at about " + moment_with_age(forecast.disk_full_at, options), Tone::bad);
    for (auto const& warning : forecast.warnings) warn(escape_controls(warning), Tone::warning);
    return out;
}

}  // namespace sb::ctl
