#pragma once
// What the definition in a backup says about its VM. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/core/restored_vm.hpp"
#include "daemon/platform/folder.hpp"

#include <string>

namespace sb::catalog {

/// `file`: the definition's name in the backup's folder. Errors: as of verify::parse_definition(), `not_found`, and
/// those of the file system.
Result<core::DefinedVm> defined_vm(platform::Folder const& local_path, std::string const& backup,
                                   std::string const& file);

}  // namespace sb::catalog
