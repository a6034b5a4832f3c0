#include "ctl/render/disk_pages.hpp"

#include "common/text/size_text.hpp"
#include "ctl/render/bar.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/words.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr std::size_t widest_name = 30;
constexpr std::size_t widest_bar = 30;

}  // namespace

std::string disks_page(std::vector<rpc::VmDiskInfo> const& disks, Look const& look) {
    if (disks.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& disk : disks) {
        TableRow row;
        row.cells = {{escape_controls(disk.uuid)},
                     {escape_controls(disk.type)},
                     {disk.slot < 0 ? "-" : std::to_string(disk.slot)},
                     {size_text(disk.capacity_bytes)},
                     {size_text(disk.allocation_bytes)},
                     {escape_controls(disk.name)}};
        rows.push_back(std::move(row));
    }
    std::vector<Column> const columns{
        {.title = "UUID"},
        {.title = "TYPE"},
        {.title = "SLOT", .align = Align::right},
        {.title = "CAPACITY", .align = Align::right},
        {.title = "USED", .align = Align::right},
        {.title = "NAME", .flexible = true, .droppable = true},
    };
    return table(columns, rows, look);
}

std::string phase_words(rpc::OperationInfo const& operation) {
    if (operation.phase == "snapshot") return "taking a snapshot";
    if (operation.phase == "converting") return "waiting for the conversion";
    return operation.phase;
}

std::string operation_line(std::string const& name, rpc::OperationInfo const& operation, Forecast const& forecast,
                           std::size_t width) {
    auto const room = std::max<std::size_t>(1, std::min(widest_name, width / 3));
    auto const begin = cut_to_width(escape_controls(name), room) + "  ";
    if (operation.phase != "uploading" || operation.total_bytes == 0)
        return cut_to_width(begin + phase_words(operation), width);

    auto const done = std::min(operation.done_bytes, operation.total_bytes);
    int const percent = static_cast<int>(static_cast<double>(done) / static_cast<double>(operation.total_bytes) * 100);
    auto const percents = pad_to_width(std::to_string(percent), 3, Align::right) + " %";
    // What does not fit is left out, the least important first.
    auto sizes = size_text(done) + " of " + size_text(operation.total_bytes) + "  ";
    std::string rate;
    if (forecast.bytes_per_second) rate = "  " + size_text(*forecast.bytes_per_second) + "/s";
    std::string left;
    if (forecast.left) left = "  " + length_text(*forecast.left) + " left";
    std::size_t const bar_frame = 4;  // brackets and a gap
    auto total = [&] { return display_width(begin) + sizes.size() + percents.size() + rate.size() + left.size(); };
    if (total() + bar_frame + narrowest_bar > width) sizes.clear();
    if (total() > width) rate.clear();
    if (total() > width) left.clear();
    std::string bar_part;
    if (total() + bar_frame + narrowest_bar <= width)
        bar_part = bar(percent, std::min(widest_bar, width - total() - bar_frame)) + "  ";
    return cut_to_width(begin + bar_part + sizes + percents + rate + left, width);
}

}  // namespace sb::ctl
