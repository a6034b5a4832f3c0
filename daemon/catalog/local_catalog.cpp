#include "daemon/catalog/local_catalog.hpp"

#include "daemon/catalog/changes.hpp"
#include "daemon/catalog/defined_vm.hpp"
#include "daemon/catalog/export_files.hpp"
#include "daemon/catalog/folder_listing.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/landing.hpp"
#include "daemon/catalog/readable.hpp"
#include "daemon/catalog/removal.hpp"
#include "daemon/catalog/scan.hpp"
#include "daemon/catalog/storage_mark.hpp"
#include "daemon/catalog/trash.hpp"
#include "daemon/catalog/trash_entries.hpp"
#include "daemon/platform/file_system.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/platform/process.hpp"
#include "daemon/verify/inspect.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

/// The caller would take `not_found` for "no such backup".
Error local_path_error(Error error) {
    if (error.code == Errc::not_found) error.code = Errc::io;
    return while_doing(std::move(error), "LocalPath");
}

/// The files belong to the user that the cluster logs in as, which may differ from the daemon's user.
Error with_permission_hint(Error error, Folder const& root) {
    if (error.code != Errc::not_permitted) return error;
    auto const user = "u:" + std::to_string(platform::user_id()) + ":rwX";
    error.context += "; the daemon's user needs read access to the files that the cluster wrote: setfacl -R -m " +
                     user + ",d:" + user + " '" + root.path() + "'";
    return error;
}

Result<std::vector<core::BackupFile>> inspect_below(Folder const& root, ports::Expectation const& expected) {
    auto const folder = open_on_disk(root, expected.folder);
    if (!folder && folder.error().code == Errc::not_found)
        return Error{Errc::share_not_visible, "folder '" + expected.folder + "' is missing in '" + root.path() +
                                                  "': is LocalPath the folder of the share in [SMB]?"};
    if (!folder) return with_permission_hint(folder.error(), root);
    auto files = verify::inspect_folder(*folder, expected);
    if (!files) return with_permission_hint(while_doing(files.error(), "'" + expected.folder + "'"), root);
    return files;
}

Result<core::Backup> find_below(Folder const& root, std::string const& name) {
    auto backup = read_backup(root, name);
    if (!backup) return backup.error();
    if (!*backup) return no_such_backup(name, root.path());
    return std::move(**backup);
}

Result<bool> exists_below(Folder const& root, std::string const& name) {
    auto const on_disk = name_on_disk(root, name);
    if (!on_disk) return on_disk.error();
    auto const info = root.info(*on_disk);
    if (!info) return info.error();
    return info->has_value();
}

Result<ports::FolderStats> stats_below(Folder const& root, std::string const& name) {
    ports::FolderStats stats;
    auto const on_disk = name_on_disk(root, name);
    if (!on_disk) return on_disk.error();
    auto const folder = root.subfolder(*on_disk);
    if (!folder && folder.error().code == Errc::not_found) return stats;
    if (!folder) return folder.error();
    auto const entries = folder->entries();
    if (!entries) return entries.error();
    // What is put into it may be dated long ago; the folder's own time tells.
    auto const own = root.info(*on_disk);
    if (!own) return own.error();
    if (*own) stats.folder_changed = (*own)->modified;
    stats.foreign_entry = foreign_entry(*entries, name);
    stats.exists = true;
    for (auto const& entry : *entries) {
        auto const info = folder->info(entry.name);
        if (!info) return info.error();
        if (!*info) continue;
        ++stats.files;
        stats.bytes += (*info)->size_bytes;
        stats.newest_change = std::max(stats.newest_change, (*info)->modified);
    }
    return stats;
}

UtcTime system_time() { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

class LocalCatalog : public ports::Catalog {
public:
    LocalCatalog(CatalogThreads threads, std::filesystem::path local_path, std::shared_ptr<std::mutex> manifest_mutex,
                 std::shared_ptr<FolderReads> reads)
        : threads_(threads),
          local_path_(std::move(local_path)),
          manifest_mutex_(std::move(manifest_mutex)),
          reads_(std::move(reads)),
          listing_(std::make_shared<FolderListing>(reads_)) {}

    task<Result<std::string>> new_attempt(std::string) override {
        return reading<Result<std::string>>([](Folder const& root) { return catalog::new_attempt(root); });
    }
    task<Result<void>> check_new_name(std::string folder) override {
        return reading<Result<void>>([folder](Folder const& root) { return check_name_is_free(root, folder); });
    }
    task<Result<std::vector<core::BackupFile>>> inspect(ports::Expectation expected) override {
        return reading<Result<std::vector<core::BackupFile>>>(
            [expected](Folder const& root) { return inspect_below(root, expected); });
    }
    task<Result<void>> write_manifest(std::string folder, core::Manifest manifest) override {
        return writing<Result<void>>([folder, manifest, listing = listing_](Folder const& root) {
            listing->forget(folder);
            return catalog::write_manifest(root, folder, manifest);
        });
    }
    task<Result<std::optional<core::Manifest>>> find_manifest(std::string landing, std::string backup) override {
        return reading<Result<std::optional<core::Manifest>>>(
            [landing, backup](Folder const& root) { return catalog::find_manifest(root, landing, backup); });
    }
    task<Result<std::string>> commit(std::string landing, std::string backup) override {
        auto call = [landing, backup, lock = manifest_mutex_, listing = listing_](Folder const& root) {
            auto name = commit_landing(root, landing, backup, *lock);
            if (name) listing->forget(*name);
            return name;
        };
        return writing<Result<std::string>>(std::move(call));
    }
    task<Result<ports::Removal>> discard(std::string landing) override {
        return writing<Result<ports::Removal>>(
            [landing](Folder const& root) { return discard_landing(root, landing); });
    }
    task<Result<ports::Removal>> remove(std::string folder) override {
        auto call = [folder, lock = manifest_mutex_](Folder const& root) { return remove_backup(root, folder, *lock); };
        return of_backup<Result<ports::Removal>>(threads_.writes, std::move(folder), std::move(call));
    }
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override {
        auto call = [folder, is_protected, lock = manifest_mutex_](Folder const& root) {
            return set_protection(root, folder, is_protected, *lock);
        };
        return of_backup<Result<core::Backup>>(threads_.writes, std::move(folder), std::move(call));
    }
    task<Result<core::Backup>> accept(std::string folder) override {
        auto call = [folder, lock = manifest_mutex_](Folder const& root) {
            return accept_export(root, folder, system_time(), *lock);
        };
        return of_backup<Result<core::Backup>>(threads_.writes, std::move(folder), std::move(call));
    }
    task<Result<std::uint64_t>> freed_by_removing(std::string folder) override {
        auto call = [folder](Folder const& root) { return catalog::freed_by_removing(root, folder); };
        return quick_look<Result<std::uint64_t>>(std::move(folder), std::move(call));
    }
    task<Result<std::string>> new_trash_entry() override {
        return reading<Result<std::string>>([](Folder const& root) { return catalog::new_trash_entry(root); });
    }
    task<Result<void>> move_to_trash(std::string folder, std::string entry) override {
        auto call = [folder, entry, lock = manifest_mutex_](Folder const& root) {
            return move_backup_to_trash(root, folder, entry, *lock);
        };
        return of_backup<Result<void>>(threads_.writes, std::move(folder), std::move(call));
    }
    task<Result<void>> take_from_trash(std::string entry, std::string folder, std::string identity) override {
        auto call = [folder, entry, identity, lock = manifest_mutex_, listing = listing_](Folder const& root) {
            listing->forget(folder);
            return catalog::take_from_trash(root, entry, folder, identity, *lock);
        };
        return writing<Result<void>>(std::move(call));
    }
    task<Result<ports::Removal>> empty_trash_entry(std::string entry) override {
        return writing<Result<ports::Removal>>(
            [entry](Folder const& root) { return catalog::empty_trash_entry(root, entry); });
    }
    task<Result<std::vector<std::string>>> trash_entries() override {
        return reading<Result<std::vector<std::string>>>(
            [](Folder const& root) { return catalog::trash_entries(root); });
    }
    task<Result<void>> check_readable(std::string folder) override {
        auto call = [folder](Folder const& root) { return catalog::check_readable(root, folder); };
        return of_backup<Result<void>>(threads_.reads, std::move(folder), std::move(call));
    }
    task<Result<std::string>> file_states(std::string folder) override {
        auto call = [folder](Folder const& root) { return catalog::file_states(root, folder); };
        return quick_look<Result<std::string>>(std::move(folder), std::move(call));
    }
    task<Result<core::DefinedVm>> defined_vm(std::string folder, std::string file) override {
        auto call = [folder, file](Folder const& root) { return catalog::defined_vm(root, folder, file); };
        return quick_look<Result<core::DefinedVm>>(std::move(folder), std::move(call));
    }
    task<Result<void>> probe() override {
        return writing<Result<void>>([](Folder const& root) { return catalog::probe(root); });
    }
    task<Result<bool>> exists(std::string folder) override {
        return reading<Result<bool>>([folder](Folder const& root) { return exists_below(root, folder); });
    }
    task<Result<ports::FolderStats>> folder_stats(std::string folder) override {
        return reading<Result<ports::FolderStats>>([folder](Folder const& root) { return stats_below(root, folder); });
    }
    task<Result<core::Backup>> find(std::string folder) override {
        auto call = [folder](Folder const& root) { return find_below(root, folder); };
        return quick_look<Result<core::Backup>>(std::move(folder), std::move(call));
    }
    task<Result<std::vector<core::Backup>>> list() override {
        return reading<Result<std::vector<core::Backup>>>(
            [listing = listing_](Folder const& root) { return scan(root, *listing); });
    }
    task<Result<ports::Space>> space() override {
        auto const path = local_path_;
        return reading<Result<ports::Space>>([path](Folder const&) { return platform::space_of(path); });
    }

    task<Result<std::vector<std::string>>> landing_folders() override {
        return reading<Result<std::vector<std::string>>>([](Folder const& root) { return list_landing_folders(root); });
    }
    task<std::string> boot_of_disk() override {
        auto work = [path = local_path_] {
            return platform::is_on_another_machine(path) ? std::string() : platform::boot_id();
        };
        return threads_.reads.run(std::move(work));
    }
    task<Result<ports::StorageMark>> storage_mark() override {
        return reading<Result<ports::StorageMark>>([](Folder const& root) { return read_storage_mark(root); });
    }
    task<Result<std::string>> mark_storage() override {
        return writing<Result<std::string>>([](Folder const& root) { return write_storage_mark(root); });
    }
    task<Result<std::optional<std::string>>> owner_file(std::string cluster) override {
        return reading<Result<std::optional<std::string>>>(
            [cluster](Folder const& root) { return read_owner_file(root, cluster); });
    }
    task<Result<std::vector<std::string>>> owner_files() override {
        return reading<Result<std::vector<std::string>>>([](Folder const& root) { return list_owner_files(root); });
    }
    task<Result<void>> write_owner_file(std::string cluster, std::string text) override {
        return writing<Result<void>>(
            [cluster, text](Folder const& root) { return catalog::write_owner_file(root, cluster, text); });
    }

private:
    template <class R, class Call>
    task<R> reading(Call call) {
        return on<R>(threads_.reads, std::move(call));
    }
    template <class R, class Call>
    task<R> writing(Call call) {
        return on<R>(threads_.writes, std::move(call));
    }
    /// Of a backup, unless its folder does not answer: no further thread is lost to it. Not for what a running job
    /// needs of its folder: no time limit may make an export fail.
    template <class R, class Call>
    task<R> of_backup(BlockingPool& pool, std::string folder, Call call) {
        auto const answers = reads_->check_answers(folder);
        if (!answers) co_return answers.error();
        auto work = on<R>(pool, std::move(call));
        co_return co_await std::move(work);
    }
    /// What reads little, so that it shows soon whether the folder answers.
    template <class R, class Call>
    task<R> quick_look(std::string folder, Call call) {
        auto watched = [reads = reads_, folder, call = std::move(call)](Folder const& root) -> R {
            FolderReads::Reading const reading(reads, folder);
            return call(root);
        };
        return of_backup<R>(threads_.reads, std::move(folder), std::move(watched));
    }
    /// A plain function that only creates the coroutine, so no lambda lives in a statement with co_await.
    template <class R, class Call>
    task<R> on(BlockingPool& pool, Call call) {
        auto work = [path = local_path_, call = std::move(call)]() -> R {
            auto const root = Folder::open(path);
            if (!root) return local_path_error(root.error());
            return call(*root);
        };
        return pool.run(std::move(work));
    }

    CatalogThreads threads_;
    std::filesystem::path const local_path_;
    // Shared: work on the pool may outlive the catalogue.
    std::shared_ptr<std::mutex> const manifest_mutex_;
    std::shared_ptr<FolderReads> const reads_;
    std::shared_ptr<FolderListing> const listing_;
};

}  // namespace

std::unique_ptr<ports::Catalog> make_catalog(CatalogThreads threads, std::filesystem::path local_path,
                                             std::shared_ptr<std::mutex> manifest_mutex,
                                             std::shared_ptr<FolderReads> reads) {
    return std::make_unique<LocalCatalog>(threads, std::move(local_path), std::move(manifest_mutex), std::move(reads));
}

std::unique_ptr<ports::Catalog> make_catalog(BlockingPool& threads, std::filesystem::path local_path,
                                             std::shared_ptr<std::mutex> manifest_mutex) {
    return make_catalog(CatalogThreads{threads, threads}, std::move(local_path), std::move(manifest_mutex));
}

task<Result<std::size_t>> empty_trash(BlockingPool& pool, std::filesystem::path local_path) {
    auto work = [path = std::move(local_path)]() -> Result<std::size_t> {
        auto const root = Folder::open(path);
        if (!root) return local_path_error(root.error());
        return empty_trash(*root);
    };
    return pool.run(std::move(work));
}

task<Result<std::vector<FinishedCommit>>> finish_commits(BlockingPool& pool, std::filesystem::path local_path,
                                                         std::function<bool(core::Manifest const&)> accepts,
                                                         std::shared_ptr<std::mutex> manifest_mutex) {
    auto work = [path = std::move(local_path), accepts = std::move(accepts),
                 lock = std::move(manifest_mutex)]() -> Result<std::vector<FinishedCommit>> {
        auto const root = Folder::open(path);
        if (!root) return local_path_error(root.error());
        return finish_commits(*root, accepts, *lock);
    };
    return pool.run(std::move(work));
}

}  // namespace sb::catalog
