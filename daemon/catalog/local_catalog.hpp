#pragma once
// The Catalog port on a folder of this machine (LocalPath).

#include "daemon/async/pool.hpp"
#include "daemon/ports/catalog.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>

namespace sb::catalog {

/// `pool` must outlive the catalogue. Each call opens LocalPath again, so it may be mounted later.
/// `manifest_mutex`: held while a manifest is changed, shared with every other writer of manifests.
std::unique_ptr<ports::Catalog> make_catalog(
    BlockingPool& pool, std::filesystem::path local_path,
    std::shared_ptr<std::mutex> manifest_mutex = std::make_shared<std::mutex>());

/// Call once at startup, before jobs: finishes removals that an earlier process left unfinished. Returns the number of
/// folders.
task<Result<std::size_t>> empty_trash(BlockingPool& pool, std::filesystem::path local_path);

/// Call once at startup, before jobs: makes backups of the landing folders that have their manifest, which an earlier
/// process could not finish. Returns their number; an error if one of them could not get its name.
task<Result<std::size_t>> finish_commits(BlockingPool& pool, std::filesystem::path local_path);

}  // namespace sb::catalog
