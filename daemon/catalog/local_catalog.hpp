#pragma once
// The Catalog port on a folder of this machine (LocalPath).

#include "daemon/async/pool.hpp"
#include "daemon/catalog/folder_reads.hpp"
#include "daemon/catalog/landing.hpp"
#include "daemon/ports/catalog.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace sb::catalog {

/// Reading and writing calls have separate threads: on a share that takes no writes, as a full or a frozen one, calls
/// that write may hang for hours, and LocalPath can still be listed. Both must outlive the catalogue.
struct CatalogThreads {
    BlockingPool& reads;
    BlockingPool& writes;
};

/// Each call opens LocalPath again, so it may be mounted later.
/// `manifest_mutex`: held while a manifest is changed, shared with every other writer of manifests. `reads`: which
/// folders are being read. One that does not answer is neither restored nor changed: `io`.
std::unique_ptr<ports::Catalog> make_catalog(
    CatalogThreads threads, std::filesystem::path local_path,
    std::shared_ptr<std::mutex> manifest_mutex = std::make_shared<std::mutex>(),
    std::shared_ptr<FolderReads> reads = std::make_shared<FolderReads>());
/// With the same threads for both.
std::unique_ptr<ports::Catalog> make_catalog(
    BlockingPool& threads, std::filesystem::path local_path,
    std::shared_ptr<std::mutex> manifest_mutex = std::make_shared<std::mutex>());

/// Call once at startup, before jobs: finishes removals that an earlier process left unfinished. Returns the number of
/// folders.
task<Result<std::size_t>> empty_trash(BlockingPool& pool, std::filesystem::path local_path);

/// Makes backups of the landing folders that have their manifest, which an earlier process could not finish: only of
/// those that `accepts` (empty = every one) says yes to, that still have the name of their export (a person's copy does
/// not), and whose attempt did not become a backup already. For use before jobs, where no journal knows of them;
/// calling it again retries those that could not get their name. The order is that of the folders' names.
/// `manifest_mutex` is the catalogue's.
task<Result<std::vector<FinishedCommit>>> finish_commits(
    BlockingPool& pool, std::filesystem::path local_path, std::function<bool(core::Manifest const&)> accepts = {},
    std::shared_ptr<std::mutex> manifest_mutex = std::make_shared<std::mutex>());

}  // namespace sb::catalog
