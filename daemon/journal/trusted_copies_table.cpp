#include "daemon/journal/trusted_copies_table.hpp"

#include "daemon/journal/columns.hpp"

#include <spdlog/spdlog.h>

#include <optional>
#include <string_view>
#include <utility>

namespace sb::journal {
namespace {

void bind_copy(Statement& statement, core::TrustedCopy const& copy) {
    statement.bind(1, core::trust_key(copy))
        .bind(2, copy.backup)
        .bind(3, copy.attempt)
        .bind(4, static_cast<std::int64_t>(copy.job))
        .bind(5, copy.vm.text())
        .bind(6, column_of(copy.started))
        .bind(7, std::int64_t{copy.scheduled})
        .bind(8, static_cast<std::int64_t>(copy.size_bytes))
        .bind(9, core::name_of(copy.source))
        .bind(10, column_of(copy.since))
        .bind(11, copy.proof)
        .bind(12, column_of(copy.missing_since))
        .bind(13, copy.end ? core::name_of(*copy.end) : std::string_view())
        .bind(14, column_of(copy.accepted))
        .bind(15, copy.damage ? copy.damage->level : std::string())
        .bind(16, copy.damage ? copy.damage->reason : std::string())
        .bind(17, column_of(copy.damage ? std::optional(copy.damage->at) : std::nullopt))
        .bind(18, copy.is_protected ? std::optional(std::int64_t{*copy.is_protected}) : std::nullopt)
        .bind(19, copy.digest_root);
}

core::TrustedCopy read_copy(Statement const& row) {
    core::TrustedCopy copy;
    copy.backup = row.text(0);
    copy.attempt = row.text(1);
    copy.job = static_cast<JobId>(row.integer(2));
    copy.vm = VmUuid(row.text(3));
    copy.started = time_from(row.integer(4));
    copy.scheduled = row.integer(5) != 0;
    copy.size_bytes = static_cast<std::uint64_t>(row.integer(6));
    copy.source = known(core::trust_source_from_name(row.text(7)), row.text(7));
    copy.since = time_from(row.integer(8));
    copy.proof = row.text(9);
    copy.missing_since = time_from(row.optional_integer(10));
    if (!row.text(11).empty()) copy.end = known(core::export_end_from_name(row.text(11)), row.text(11));
    copy.accepted = time_from(row.optional_integer(12));
    if (auto const damaged = time_from(row.optional_integer(15)))
        copy.damage = core::Damage{row.text(13), *damaged, row.text(14)};
    if (auto const is_protected = row.optional_integer(16)) copy.is_protected = *is_protected != 0;
    copy.digest_root = row.text(17);
    return copy;
}

constexpr char const* insert_row =
    "INSERT INTO trusted_copies (copy, backup, attempt, job, vm, started, scheduled, size_bytes, source, since, proof, "
    "missing_since, export_end, accepted, damage_level, damage_reason, damaged, is_protected, digest_root) VALUES (?1, "
    "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) ON CONFLICT (copy) DO ";

}  // namespace

std::vector<core::TrustedCopy> trusted_copies(Database& database) {
    auto query = database.prepare(
        "SELECT backup, attempt, job, vm, started, scheduled, size_bytes, source, since, proof, missing_since, "
        "export_end, accepted, damage_level, damage_reason, damaged, is_protected, digest_root "
        "FROM trusted_copies ORDER BY id");
    std::vector<core::TrustedCopy> all;
    while (query.step()) {
        try {
            all.push_back(read_copy(query));
        } catch (DatabaseError const& failure) {
            spdlog::warn("skipped the journal's record of backup '{}': {}", query.text(0), failure.message);
        }
    }
    return all;
}

void put_trusted_copy(Database& database, core::TrustedCopy const& copy) {
    auto const sql = std::string(insert_row) +
                     "UPDATE SET backup = ?2, attempt = ?3, job = ?4, vm = ?5, started = ?6, scheduled = ?7, "
                     "size_bytes = ?8, source = ?9, since = ?10, proof = ?11, missing_since = ?12, export_end = "
                     "?13, accepted = ?14, damage_level = ?15, damage_reason = ?16, damaged = ?17, is_protected = "
                     "?18, digest_root = ?19";
    auto insert = database.prepare(sql.c_str());
    bind_copy(insert, copy);
    insert.step();
}

bool add_trusted_copy(Database& database, core::TrustedCopy const& copy) {
    auto insert = database.prepare((std::string(insert_row) + "NOTHING").c_str());
    bind_copy(insert, copy);
    insert.step();
    return database.changes() == 1;
}

void remove_trusted_copy(Database& database, std::string const& key) {
    auto remove = database.prepare("DELETE FROM trusted_copies WHERE copy = ?1");
    remove.bind(1, key);
    remove.step();
}

void replace_trusted_copies(Database& database, std::vector<core::TrustedCopy> const& copies) {
    database.execute("DELETE FROM trusted_copies");
    for (auto const& copy : copies) put_trusted_copy(database, copy);
}

}  // namespace sb::journal
