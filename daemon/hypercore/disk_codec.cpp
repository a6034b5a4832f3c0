#include "daemon/hypercore/disk_codec.hpp"

#include "common/json/writer.hpp"
#include "daemon/hypercore/reply.hpp"
#include "daemon/hypercore/encoding.hpp"

namespace sb::hypercore {
namespace {

constexpr std::size_t max_disks_of_snapshot = 1000, max_media = 20'000;

}  // namespace

Secret encode_snapshot(ports::SnapshotOrder const& order) {
    json::Writer writer;
    writer.begin_object();
    writer.member("domainUUID", order.vm.text());
    writer.member("label", order.label);
    writer.member("type", "AUTOMATED");
    writer.member("automatedTriggerTimestamp", order.taken);
    writer.member("localRetainUntilTimestamp", order.retain_until);
    writer.member("replication", false);
    writer.end_object();
    return Secret(writer.take());
}

Secret encode_disk_clone(ports::DiskCloneOrder const& order) {
    json::Writer writer;
    writer.begin_object().key("options").begin_object();
    writer.member("regenerateDiskID", false).member("readOnly", false).end_object();
    writer.member("snapUUID", order.snapshot);
    writer.key("template").begin_object();
    writer.member("virDomainUUID", order.target.text());
    writer.member("type", order.type);
    writer.member("capacity", order.capacity_bytes);
    if (!order.cache_mode.empty()) writer.member("cacheMode", order.cache_mode);
    if (order.tiering_priority) writer.member("tieringPriorityFactor", *order.tiering_priority);
    writer.end_object().end_object();
    return Secret(writer.take());
}

Result<ports::Snapshot> decode_snapshot(std::string_view body, std::string const& asked) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    if (!document->root().is_array()) return unexpected_reply("a list of snapshots was expected");
    for (auto const& record : document->root().elements()) {
        if (record["uuid"].text() != asked) continue;
        if (record["deviceSnapshots"].size() > max_disks_of_snapshot)
            return unexpected_reply("the snapshot has more than " + std::to_string(max_disks_of_snapshot) + " disks");
        ports::Snapshot snapshot;
        snapshot.uuid = asked;
        for (auto const& device : record["deviceSnapshots"].elements())
            snapshot.disks.emplace_back(device["uuid"].text());
        return snapshot;
    }
    return Error{Errc::not_found, "the cluster has no snapshot " + asked};
}

Result<std::vector<ports::Medium>> decode_media(std::string_view body) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    if (!document->root().is_array()) return unexpected_reply("a list of virtual disks was expected");
    if (document->root().size() > max_media)
        return unexpected_reply("it lists more than " + std::to_string(max_media) + " virtual disks");
    std::vector<ports::Medium> disks;
    for (auto const& record : document->root().elements())
        disks.push_back(
            {record["uuid"].text(), record["name"].text(), record["capacityBytes"].unsigned_integer().value_or(0)});
    return disks;
}

Result<ports::Creation> decode_creation(std::string_view body) {
    if (body.size() > max_order_reply) return unexpected_reply("it is longer than a result can be");
    auto const document = parse_reply(body);
    if (!document) return document.error();
    auto root = document->root();
    if (root.is_array() && root.size() == 1) root = root.at(0);
    if (!root.is_object()) return unexpected_reply("a result object was expected");
    ports::Creation creation{TaskTag(text_or_number(root["taskTag"])), root["createdUUID"].text()};
    if (creation.created.empty()) return unexpected_reply("it does not say what is created (createdUUID is empty)");
    return creation;
}

std::string upload_target(std::string_view name, std::uint64_t size) {
    return "/rest/v1/VirtualDisk/upload?filename=" + percent_encode(name) + "&filesize=" + std::to_string(size);
}

}  // namespace sb::hypercore
