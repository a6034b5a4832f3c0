#pragma once
// The catalog, with a watch over calls that do not return.

#include "daemon/engine/storage_watch.hpp"
#include "daemon/ports/catalog.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

class WatchedCatalog final : public ports::Catalog {
public:
    WatchedCatalog(std::shared_ptr<ports::Catalog> below, StorageWatch& watch)
        : below_(std::move(below)), watch_(watch) {}

    task<Result<std::string>> new_attempt(std::string backup) override {
        auto call = below_->new_attempt(backup);
        return watched("choosing a folder", std::move(backup), std::move(call));
    }
    task<Result<void>> check_new_name(std::string folder) override {
        auto call = below_->check_new_name(folder);
        return watched("checking the name", std::move(folder), std::move(call));
    }
    task<Result<std::vector<core::BackupFile>>> inspect(ports::Expectation expected) override {
        auto folder = expected.folder;
        return watched("inspecting the export", std::move(folder), below_->inspect(std::move(expected)));
    }
    task<Result<void>> write_manifest(std::string folder, core::Manifest manifest) override {
        auto call = below_->write_manifest(folder, std::move(manifest));
        return watched("writing the manifest", std::move(folder), std::move(call));
    }
    task<Result<std::optional<core::Manifest>>> find_manifest(std::string landing, std::string backup) override {
        auto call = below_->find_manifest(landing, std::move(backup));
        return watched("reading the manifest", std::move(landing), std::move(call));
    }
    task<Result<std::string>> commit(std::string landing, std::string backup) override {
        auto call = below_->commit(landing, std::move(backup));
        return watched("renaming the folder", std::move(landing), std::move(call));
    }
    task<Result<ports::Removal>> discard(std::string landing) override {
        auto call = below_->discard(landing);
        return watched("deleting the folder", std::move(landing), std::move(call));
    }
    task<Result<ports::Removal>> remove(std::string folder) override {
        auto call = below_->remove(folder);
        return watched("deleting", std::move(folder), std::move(call));
    }
    task<Result<std::uint64_t>> freed_by_removing(std::string folder) override {
        auto call = below_->freed_by_removing(folder);
        return watched("measuring the folder", std::move(folder), std::move(call));
    }
    task<Result<std::string>> new_trash_entry() override {
        return watched("reading the trash", {}, below_->new_trash_entry());
    }
    task<Result<void>> move_to_trash(std::string folder, std::string entry) override {
        auto call = below_->move_to_trash(folder, std::move(entry));
        return watched("deleting", std::move(folder), std::move(call));
    }
    task<Result<void>> take_from_trash(std::string entry, std::string folder, std::string identity) override {
        auto call = below_->take_from_trash(std::move(entry), folder, std::move(identity));
        return watched("taking back", std::move(folder), std::move(call));
    }
    task<Result<ports::Removal>> empty_trash_entry(std::string entry) override {
        auto call = below_->empty_trash_entry(entry);
        return watched("removing from the trash", std::move(entry), std::move(call));
    }
    task<Result<std::vector<std::string>>> trash_entries() override {
        return watched("reading the trash", {}, below_->trash_entries());
    }
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override {
        auto call = below_->set_protected(folder, is_protected);
        return watched("writing the manifest", std::move(folder), std::move(call));
    }
    task<Result<core::Backup>> accept(std::string folder) override {
        auto call = below_->accept(folder);
        return watched("writing the manifest", std::move(folder), std::move(call));
    }
    task<Result<void>> check_readable(std::string folder) override {
        auto call = below_->check_readable(folder);
        return watched("reading samples", std::move(folder), std::move(call));
    }
    task<Result<std::string>> file_states(std::string folder) override {
        auto call = below_->file_states(folder);
        return watched("reading", std::move(folder), std::move(call));
    }
    task<Result<core::DefinedVm>> defined_vm(std::string folder, std::string file) override {
        auto call = below_->defined_vm(folder, std::move(file));
        return watched("reading", std::move(folder), std::move(call));
    }
    task<Result<void>> probe() override { return watched("writing a small file", {}, below_->probe()); }
    task<Result<bool>> exists(std::string folder) override {
        auto call = below_->exists(folder);
        return watched("reading", std::move(folder), std::move(call));
    }
    task<Result<ports::FolderStats>> folder_stats(std::string folder) override {
        auto call = below_->folder_stats(folder);
        return watched("reading", std::move(folder), std::move(call));
    }
    task<Result<core::Backup>> find(std::string folder) override {
        auto call = below_->find(folder);
        return watched("reading", std::move(folder), std::move(call));
    }
    task<Result<std::vector<core::Backup>>> list() override {
        return watched("listing the backups", {}, below_->list());
    }
    task<Result<std::vector<std::string>>> landing_folders() override {
        return watched("listing the folders of exports", {}, below_->landing_folders());
    }
    task<Result<ports::Space>> space() override { return watched("asking for the free space", {}, below_->space()); }
    task<std::string> boot_of_disk() override {
        return watched("asking which machine has the disk", {}, below_->boot_of_disk());
    }
    task<Result<ports::StorageMark>> storage_mark() override {
        return watched("reading the mark", {}, below_->storage_mark());
    }
    task<Result<std::string>> mark_storage() override {
        return watched("writing the mark", {}, below_->mark_storage());
    }
    task<Result<std::optional<std::string>>> owner_file(std::string cluster) override {
        return watched("reading the owner file", {}, below_->owner_file(std::move(cluster)));
    }
    task<Result<std::vector<std::string>>> owner_files() override {
        return watched("reading the owner file", {}, below_->owner_files());
    }
    task<Result<void>> write_owner_file(std::string cluster, std::string text) override {
        return watched("writing the owner file", {}, below_->write_owner_file(std::move(cluster), std::move(text)));
    }

private:
    template <class T>
    task<T> watched(std::string what, std::string name, task<T> call) {
        auto const running = watch_.begin(std::move(what), std::move(name));
        co_return co_await std::move(call);
    }

    std::shared_ptr<ports::Catalog> below_;
    StorageWatch& watch_;
};

}  // namespace sb::engine
