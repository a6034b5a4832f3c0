#include "daemon/catalog/export_files.hpp"

#include <algorithm>

namespace sb::catalog {

bool has_extension(std::string_view name, std::string_view extension) {
    if (name.size() <= extension.size()) return false;
    auto const end = name.substr(name.size() - extension.size());
    return std::equal(end.begin(), end.end(), extension.begin(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
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
