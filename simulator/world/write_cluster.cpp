#include "simulator/world/write.hpp"

namespace sb::sim {

void write(json::Writer& out, Task const& task) {
    out.begin_object();
    out.member("taskTag", std::to_string(task.tag)).member("progressPercent", task.progress);
    out.member("state", name_of(task.state)).member("formattedDescription", task.description);
    write_strings(out, "descriptionParameters", task.parameters);
    out.member("formattedMessage", task.message);
    write_strings(out, "messageParameters", task.message_parameters);
    out.member("objectUUID", task.object_uuid).member("created", task.created).member("modified", task.modified);
    out.member("completed", task.completed).member("sessionID", task.session_id);
    write_strings(out, "nodeUUIDs", task.nodes);
    out.end_object();
}

void write_latest_task(json::Writer& out, TaskBoard const& board, std::string const& object_uuid) {
    if (auto const* task = board.latest_of(object_uuid)) {
        write(out, *task);
    } else {
        out.begin_object().end_object();
    }
}

void write(json::Writer& out, Schedule const& schedule) {
    out.begin_object().member("uuid", schedule.uuid).member("name", schedule.name).key("rrules").begin_array();
    for (auto const& rule : schedule.rules) {
        out.begin_object().member("uuid", rule.uuid).member("name", rule.name).member("dtstart", rule.start);
        out.member("rrule", rule.rule).member("localRetentionDurationSeconds", rule.local_retention);
        out.member("remoteRetentionDurationSeconds", rule.remote_retention);
        out.member("replication", rule.replication).end_object();
    }
    out.end_array().end_object();
}

void write(json::Writer& out, VirtualDisk const& disk) {
    out.begin_object().member("uuid", disk.uuid).member("name", disk.name).member("capacityBytes", disk.capacity);
    out.member("totalAllocationBytes", disk.allocation).member("blockSize", std::int64_t{1048576});
    out.member("replicationFactor", std::int64_t{2}).end_object();
}

void write(json::Writer& out, Iso const& iso) {
    out.begin_object().member("uuid", iso.uuid).member("name", iso.name).member("size", iso.size);
    out.key("mounts").begin_array().end_array().member("readyForInsert", iso.ready);
    out.member("path", "scribe/" + iso.uuid).end_object();
}

void write(json::Writer& out, Drive const& drive, std::string const& node_uuid) {
    out.begin_object().member("uuid", drive.uuid).member("slot", drive.slot).member("serialNumber", drive.serial);
    out.member("type", drive.type).member("nodeUUID", node_uuid).member("desiredDisposition", "IN");
    out.member("currentDisposition", "IN").member("capacityBytes", drive.capacity).member("usedBytes", drive.used);
    out.member("isHealthy", true).member("reallocatedSectors", std::int64_t{0});
    out.member("errorCount", std::int64_t{0})
        .member("blockDevicePath", "/dev/sd" + std::string(1, static_cast<char>('a' + drive.slot)));
    out.member("hasTemperature", true).member("temperature", std::int64_t{31}).member("hasMaxTemperature", true);
    out.member("maxTemperature", std::int64_t{38}).member("hasTemperatureThreshold", true);
    out.member("temperatureThreshold", std::int64_t{65}).end_object();
}

void write(json::Writer& out, Node const& node, World const& world) {
    std::int64_t capacity = 0;
    for (auto const& drive : node.drives) capacity += drive.capacity;
    std::int64_t used = 0;
    for (auto const& vm : world.vms)
        if (vm.node_uuid == node.uuid) used += vm.memory;
    out.begin_object().member("uuid", node.uuid).member("lanIP", node.lan_ip).member("backplaneIP", node.backplane_ip);
    out.member("configState", std::int64_t{0}).member("activeVersion", std::int64_t{0}).member("capacity", capacity);
    out.key("drives").begin_array();
    for (auto const& drive : node.drives) write(out, drive, node.uuid);
    out.end_array().key("vips").begin_array().end_array();
    out.member("memSize", node.memory).member("numCPUs", std::int64_t{16}).member("CPUhz", std::int64_t{2100000000});
    out.member("numNUMANodes", std::int64_t{1}).member("numSockets", std::int64_t{1});
    out.member("numCores", std::int64_t{8}).member("numThreads", std::int64_t{16});
    out.member("networkStatus", "ONLINE").member("supportsVirtualization", true).member("virtualizationOnline", true);
    out.member("pairedNodeUUID", "").member("scribeInstanceName", "scribe" + std::to_string(node.peer_id));
    out.member("peerID", node.peer_id).member("numSlots", static_cast<std::int64_t>(node.drives.size()));
    out.member("systemMemUsageBytes", std::int64_t{4} << 30);
    out.key("memUsagePercentage").number(100.0 * static_cast<double>(used) / static_cast<double>(node.memory));
    out.key("gpus").begin_array().end_array();
    out.member("currentDisposition", "IN").member("desiredDisposition", "IN").key("cpuUsage").number(3.5);
    out.member("totalMemUsageBytes", used + (std::int64_t{4} << 30)).member("allowRunningVMs", true).end_object();
}

void write(json::Writer& out, Condition const& condition, std::int64_t now) {
    std::int64_t const ms = now * 1000;  // only conditions use milliseconds
    out.begin_object().member("name", condition.name).member("description", condition.description);
    out.member("value", condition.value).member("nodeUUID", condition.node_uuid);
    out.member("nodeLANIP", condition.node_ip).member("modified", ms - 3600000).member("userVisible", true);
    out.member("techNotes", "").member("pollInterval", std::int64_t{15000});
    out.member("expirationInterval", std::int64_t{120000}).member("setDelay", std::int64_t{0});
    out.member("clearDelay", std::int64_t{0}).member("lastSetTime", condition.value ? ms - 3600000 : 0);
    out.member("lastClearTime", std::int64_t{0}).member("guaranteedValidTime", ms).member("isExpired", false);
    out.member("lastPollFailed", false).member("isInitialized", true).member("isOK", condition.ok);
    out.member("nodeBackplaneIP", "").member("severity", condition.severity);
    write_strings(out, "tags", condition.tags);
    out.end_object();
}

void write(json::Writer& out, Role const& role) {
    out.begin_object().member("uuid", role.uuid).member("name", role.name).member("description", role.description);
    out.key("permissions").begin_array();
    for (auto const& name : role.permissions) out.begin_object().member("functionName", name).end_object();
    out.end_array().member("oidcName", "").end_object();
}

void write(json::Writer& out, User const& user) {
    out.begin_object().member("uuid", user.uuid).member("username", user.username).member("fullName", user.full_name);
    write_strings(out, "roleUUIDs", user.role_uuids);
    out.member("sessionLimit", user.session_limit).end_object();
}

void write(json::Writer& out, ClusterInfo const& cluster, TaskBoard const& board) {
    out.begin_object().member("uuid", cluster.uuid).member("filesystemID", cluster.filesystem_id);
    out.member("clusterName", cluster.name).member("icosVersion", cluster.version);
    write_latest_task(out.key("latestTaskTag"), board, cluster.uuid);
    out.member("brand", "scale").member("isRESTAPIEnabled", cluster.rest_enabled).end_object();
}

}  // namespace sb::sim
