#pragma once
// A file that a client has opened, as content of an upload.

#include "common/ipc/open_file.hpp"
#include "daemon/async/byte_source.hpp"
#include "daemon/async/pool.hpp"

#include <memory>

namespace sb::app {

/// As long as the file is now. Reading fails if the file gets shorter or longer meanwhile: then what was sent is no
/// image of anything. Reads on `pool`, which must outlive it.
Result<std::shared_ptr<ByteSource>> file_content(std::shared_ptr<ipc::OpenFile> file, BlockingPool& pool);

}  // namespace sb::app
