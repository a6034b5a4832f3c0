#include "daemon/journal/deleted_backups_table.hpp"

#include "daemon/journal/columns.hpp"

#include <utility>

namespace sb::journal {

std::vector<core::DeletedBackup> deleted_backups(Database& database) {
    auto query = database.prepare(
        "SELECT entry, backup, vm, vm_name, cluster_uuid, installation, size_bytes, deleted, why, manifest FROM "
        "deleted_backups ORDER BY id");
    std::vector<core::DeletedBackup> all;
    while (query.step()) {
        core::DeletedBackup deleted;
        deleted.entry = query.text(0);
        deleted.backup = query.text(1);
        deleted.vm = VmUuid(query.text(2));
        deleted.vm_name = query.text(3);
        deleted.cluster_uuid = query.text(4);
        deleted.installation = query.text(5);
        deleted.size_bytes = static_cast<std::uint64_t>(query.integer(6));
        deleted.deleted = time_from(query.integer(7));
        deleted.why = query.text(8);
        deleted.manifest = query.text(9);
        all.push_back(std::move(deleted));
    }
    return all;
}

void add_deleted_backup(Database& database, core::DeletedBackup const& deleted) {
    auto insert = database.prepare(
        "INSERT INTO deleted_backups (entry, backup, vm, vm_name, cluster_uuid, installation, size_bytes, deleted, "
        "why, manifest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (entry) DO UPDATE SET "
        "backup = ?2, vm = ?3, vm_name = ?4, cluster_uuid = ?5, installation = ?6, size_bytes = ?7, deleted = ?8, "
        "why = ?9, manifest = ?10");
    insert.bind(1, deleted.entry)
        .bind(2, deleted.backup)
        .bind(3, deleted.vm.text())
        .bind(4, deleted.vm_name)
        .bind(5, deleted.cluster_uuid)
        .bind(6, deleted.installation)
        .bind(7, static_cast<std::int64_t>(deleted.size_bytes))
        .bind(8, column_of(deleted.deleted))
        .bind(9, deleted.why)
        .bind(10, deleted.manifest);
    insert.step();
}

void remove_deleted_backup(Database& database, std::string const& entry) {
    auto remove = database.prepare("DELETE FROM deleted_backups WHERE entry = ?1");
    remove.bind(1, entry);
    remove.step();
}

void replace_deleted_backups(Database& database, std::vector<core::DeletedBackup> const& deleted) {
    database.execute("DELETE FROM deleted_backups");
    for (auto const& each : deleted) add_deleted_backup(database, each);
}

}  // namespace sb::journal
