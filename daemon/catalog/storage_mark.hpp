#pragma once
// The file that identifies LocalPath. Blocking: run it on a pool.

#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"

#include <string>

namespace sb::catalog {

Result<ports::StorageMark> read_storage_mark(platform::Folder const& local_path);
/// Returns the new mark.
Result<std::string> write_storage_mark(platform::Folder const& local_path);

}  // namespace sb::catalog
