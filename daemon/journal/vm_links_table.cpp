#include "daemon/journal/vm_links_table.hpp"

#include "daemon/journal/columns.hpp"

#include <utility>

namespace sb::journal {

std::vector<core::VmLink> vm_links(Database& database) {
    auto query =
        database.prepare("SELECT earlier, later, cluster_uuid, since, earlier_name FROM vm_links ORDER BY earlier");
    std::vector<core::VmLink> all;
    while (query.step()) {
        core::VmLink link;
        link.earlier = VmUuid(query.text(0));
        link.later = VmUuid(query.text(1));
        link.cluster_uuid = query.text(2);
        link.since = time_from(query.integer(3));
        link.earlier_name = query.text(4);
        all.push_back(std::move(link));
    }
    return all;
}

void add_vm_link(Database& database, core::VmLink const& link) {
    auto insert = database.prepare(
        "INSERT INTO vm_links (earlier, later, cluster_uuid, since, earlier_name) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (earlier) DO UPDATE SET later = ?2, cluster_uuid = ?3, since = ?4, earlier_name = ?5");
    insert.bind(1, link.earlier.text())
        .bind(2, link.later.text())
        .bind(3, link.cluster_uuid)
        .bind(4, column_of(link.since))
        .bind(5, link.earlier_name);
    insert.step();
}

void remove_vm_link(Database& database, VmUuid const& earlier) {
    auto remove = database.prepare("DELETE FROM vm_links WHERE earlier = ?1");
    remove.bind(1, earlier.text());
    remove.step();
}

void replace_vm_links(Database& database, std::vector<core::VmLink> const& links) {
    database.execute("DELETE FROM vm_links");
    for (auto const& link : links) add_vm_link(database, link);
}

}  // namespace sb::journal
