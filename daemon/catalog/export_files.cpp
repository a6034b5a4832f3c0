#include "daemon/catalog/export_files.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>

namespace sb::catalog {

bool has_extension(std::string_view name, std::string_view extension) {
    return name.size() > extension.size() && ends_with_ignoring_case(name, extension);
}

bool is_export_file(std::string_view file) { return has_extension(file, ".xml") || has_extension(file, ".qcow2"); }

std::vector<std::string> definition_candidates(std::vector<std::string> const& files, std::string const& folder) {
    std::vector<std::string> candidates;
    for (auto const& name : files)
        if (has_extension(name, ".xml")) candidates.push_back(name);
    std::stable_partition(candidates.begin(), candidates.end(),
                          [&](auto const& name) { return name == folder + ".xml"; });
    return candidates;
}

}  // namespace sb::catalog
