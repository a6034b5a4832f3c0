#pragma once
// A disk image that a client hands over for the cluster, checked before a byte of it is sent.

#include "common/error.hpp"
#include "common/ipc/open_file.hpp"

#include <string>

namespace sb::api {

/// Whether a file with this name can become a virtual disk: a .qcow2 must have all of its data in itself and must be
/// complete and consistent. Other formats are left to the cluster. `refused` with what is wrong and what to do; `io`.
/// Blocks: run it on a pool.
Result<void> check_uploaded_image(std::string const& name, ipc::OpenFile const& file);

}  // namespace sb::api
