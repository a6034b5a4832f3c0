#pragma once
// Which files of a folder an export consists of, told by their names.

#include <string>
#include <string_view>
#include <vector>

namespace sb::catalog {

bool has_extension(std::string_view name, std::string_view extension);

/// A definition or a disk image.
bool is_of_an_export(std::string_view file);

/// The names that may be the definition's, the cluster's default one first.
std::vector<std::string> definition_candidates(std::vector<std::string> const& files, std::string const& folder);

}  // namespace sb::catalog
