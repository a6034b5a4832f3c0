#pragma once
// Recognizes the files of an export by their names.

#include <string>
#include <string_view>
#include <vector>

namespace sb::catalog {

bool has_extension(std::string_view name, std::string_view extension);

/// A definition or a disk image.
bool is_export_file(std::string_view file);

/// The files that may be the definition, the cluster's default name first.
std::vector<std::string> definition_candidates(std::vector<std::string> const& files, std::string const& folder);

}  // namespace sb::catalog
