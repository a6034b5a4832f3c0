#pragma once
// The Verification port on LocalPath.

#include "daemon/async/pool.hpp"
#include "daemon/ports/verification.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

namespace sb::catalog {

/// `pool` should have dedicated threads, which then yield to everything else on the machine; one for each call that may
/// hang while others go on. `manifest_mutex` is the catalogue's. `cores` is called before each slice.
std::unique_ptr<ports::Verification> make_verification(BlockingPool& pool, std::filesystem::path local_path,
                                                       std::shared_ptr<std::mutex> manifest_mutex,
                                                       std::function<unsigned()> cores);

}  // namespace sb::catalog
