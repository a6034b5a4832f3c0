#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"

#include <algorithm>
#include <tuple>

namespace sb::ctl {

void sort_by_name(std::vector<rpc::VmInfo>& vms) {
    auto const key = [](rpc::VmInfo const& vm) { return std::tie(vm.name, vm.uuid); };
    std::ranges::sort(vms, {}, key);
}

std::string vm_names(std::vector<rpc::VmInfo> const& vms, bool terminal) {
    std::vector<std::string> names;
    for (auto const& vm : vms) names.push_back(vm.name);
    std::ranges::sort(names);
    std::string out;
    for (auto const& name : names) {
        bool const breaks_lines = name.find_first_of("\r\n") != std::string::npos;
        out += terminal || breaks_lines ? escape_controls(name) : name;
        out += '\n';
    }
    return out;
}

}  // namespace sb::ctl
