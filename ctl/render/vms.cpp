#include "common/text/size_text.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"

#include <algorithm>
#include <tuple>

namespace sb::ctl {

void sort_by_name(std::vector<rpc::VmInfo>& vms) {
    auto const key = [](rpc::VmInfo const& vm) { return std::tie(vm.name, vm.uuid); };
    std::ranges::sort(vms, {}, key);
}

std::string vm_names(std::vector<rpc::VmInfo> const& vms) {
    std::vector<std::string> names;
    for (auto const& vm : vms) names.push_back(vm.name);
    std::ranges::sort(names);
    std::string out;
    for (auto const& name : names) out += escape_controls(name) + "\n";
    return out;
}

std::string disks_page(std::vector<rpc::VmDiskInfo> const& disks, RenderOptions const& options) {
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
    return table(columns, rows, options);
}

}  // namespace sb::ctl
