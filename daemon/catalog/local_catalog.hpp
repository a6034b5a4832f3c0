#pragma once
// The Catalog port on a folder of this machine (LocalPath).

#include "daemon/async/pool.hpp"
#include "daemon/ports/catalog.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>

namespace sb::catalog {

/// `pool` must outlive the catalogue. LocalPath is opened anew for each call, so it may be mounted later.
/// `one_change`: held while a manifest is changed, shared with whoever else changes some.
std::unique_ptr<ports::Catalog> make_catalog(BlockingPool& pool, std::filesystem::path local_path,
                                             std::shared_ptr<std::mutex> one_change = std::make_shared<std::mutex>());

/// To be called once at the daemon's start, before jobs: ends removals that an earlier run began. The number of
/// folders.
task<Result<std::size_t>> empty_trash(BlockingPool& pool, std::filesystem::path local_path);

}  // namespace sb::catalog
