#pragma once
// A catalog that passes every call on to another one: the base of those that change a few answers.

#include "daemon/ports/catalog.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

class ForwardingCatalog : public ports::Catalog {
public:
    explicit ForwardingCatalog(std::shared_ptr<ports::Catalog> below) : below_(std::move(below)) {}

    task<Result<core::Backup>> find(std::string folder) override { return below_->find(std::move(folder)); }
    task<Result<std::vector<core::Backup>>> list() override { return below_->list(); }
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override {
        return below_->set_protected(std::move(folder), is_protected);
    }
    task<Result<core::Backup>> accept(std::string folder) override { return below_->accept(std::move(folder)); }
    task<Result<void>> check_new_name(std::string folder) override { return below_->check_new_name(std::move(folder)); }
    task<Result<std::vector<core::BackupFile>>> inspect(ports::Expectation expected) override {
        return below_->inspect(std::move(expected));
    }
    task<Result<std::string>> new_attempt(std::string backup) override {
        return below_->new_attempt(std::move(backup));
    }
    task<Result<void>> write_manifest(std::string folder, core::Manifest manifest) override {
        return below_->write_manifest(std::move(folder), std::move(manifest));
    }
    task<Result<std::optional<core::Manifest>>> find_manifest(std::string landing, std::string backup) override {
        return below_->find_manifest(std::move(landing), std::move(backup));
    }
    task<Result<std::string>> commit(std::string landing, std::string backup) override {
        return below_->commit(std::move(landing), std::move(backup));
    }
    task<Result<ports::Removal>> discard(std::string landing) override { return below_->discard(std::move(landing)); }
    task<Result<ports::Removal>> remove(std::string folder) override { return below_->remove(std::move(folder)); }
    task<Result<std::uint64_t>> freed_by_removing(std::string folder) override {
        return below_->freed_by_removing(std::move(folder));
    }
    task<Result<std::string>> new_trash_entry() override { return below_->new_trash_entry(); }
    task<Result<void>> move_to_trash(std::string folder, std::string entry) override {
        return below_->move_to_trash(std::move(folder), std::move(entry));
    }
    task<Result<void>> take_from_trash(std::string entry, std::string folder, std::string identity) override {
        return below_->take_from_trash(std::move(entry), std::move(folder), std::move(identity));
    }
    task<Result<ports::Removal>> empty_trash_entry(std::string entry) override {
        return below_->empty_trash_entry(std::move(entry));
    }
    task<Result<std::vector<std::string>>> trash_entries() override { return below_->trash_entries(); }
    task<Result<void>> check_readable(std::string folder) override { return below_->check_readable(std::move(folder)); }
    task<Result<std::string>> file_states(std::string folder) override {
        return below_->file_states(std::move(folder));
    }
    task<Result<core::DefinedVm>> defined_vm(std::string folder, std::string file) override {
        return below_->defined_vm(std::move(folder), std::move(file));
    }
    task<Result<void>> probe() override { return below_->probe(); }
    task<Result<bool>> exists(std::string folder) override { return below_->exists(std::move(folder)); }
    task<Result<ports::FolderStats>> folder_stats(std::string folder) override {
        return below_->folder_stats(std::move(folder));
    }
    task<Result<std::vector<std::string>>> landing_folders() override { return below_->landing_folders(); }
    task<Result<ports::Space>> space() override { return below_->space(); }
    task<std::string> boot_of_disk() override { return below_->boot_of_disk(); }
    task<Result<ports::StorageMark>> storage_mark() override { return below_->storage_mark(); }
    task<Result<std::string>> mark_storage() override { return below_->mark_storage(); }
    task<Result<std::optional<std::string>>> owner_file(std::string cluster) override {
        return below_->owner_file(std::move(cluster));
    }
    task<Result<std::vector<std::string>>> owner_files() override { return below_->owner_files(); }
    task<Result<void>> write_owner_file(std::string cluster, std::string text) override {
        return below_->write_owner_file(std::move(cluster), std::move(text));
    }

protected:
    ports::Catalog& below() { return *below_; }

private:
    std::shared_ptr<ports::Catalog> below_;
};

}  // namespace sb::engine
