#pragma once
// Recognizes the files of an export by their names.

#include "daemon/platform/folder.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::catalog {

bool has_extension(std::string_view name, std::string_view extension);

/// A definition or a disk image.
bool is_export_file(std::string_view file);

/// The files that may be the definition, the cluster's default name first.
std::vector<std::string> definition_candidates(std::vector<std::string> const& files, std::string const& folder);

/// Where NAS systems keep what they know about files, often under the names of these files: Synology's '@eaDir', QNAP's
/// '.@__thumb', Netatalk's '.AppleDouble'.
bool is_folder_of_nas(std::string_view name);

/// The first entry of a folder that no export writes, nor this program, nor a NAS, Windows or macOS on their own: a
/// person put it there. Empty if there is none.
std::string foreign_entry(std::vector<platform::Entry> const& entries, std::string const& folder);

}  // namespace sb::catalog
