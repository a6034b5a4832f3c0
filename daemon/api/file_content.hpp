#pragma once
// A file opened by a client, as the content of an upload.

#include "common/ipc/open_file.hpp"
#include "daemon/async/byte_source.hpp"
#include "daemon/async/pool.hpp"

#include <memory>

namespace sb::api {

/// Has the size that the file had when it was received. Reading fails if the size changes meanwhile: what was sent is
/// then not a valid image. Reads on `pool`, which must outlive it.
Result<std::shared_ptr<ByteSource>> file_content(std::shared_ptr<ipc::OpenFile> file, BlockingPool& pool);

}  // namespace sb::api
