#pragma once
// The API's view of the cluster: every property of the vendor's schema, with the vendor's names.

#include "common/json/writer.hpp"
#include "simulator/tasks/task_board.hpp"
#include "simulator/world/world.hpp"

namespace sb::sim {

void write(json::Writer& out, Task const& task);
/// Writes an empty object for an object without a task.
void write_latest_task(json::Writer& out, TaskBoard const& board, std::string const& object_uuid);

void write(json::Writer& out, BlockDevice const& device);
void write(json::Writer& out, NetDevice const& nic);
/// `snapshots`: uuids, oldest first.
void write(json::Writer& out, Vm const& vm, TaskBoard const& board, std::vector<std::string> const& snapshots);
void write(json::Writer& out, Snapshot const& snapshot, TaskBoard const& board);
void write(json::Writer& out, Schedule const& schedule);
void write(json::Writer& out, VirtualDisk const& disk);
void write(json::Writer& out, Iso const& iso);
void write(json::Writer& out, Drive const& drive, std::string const& node_uuid);
void write(json::Writer& out, Node const& node, World const& world);
void write(json::Writer& out, Condition const& condition, std::int64_t now);
void write(json::Writer& out, Role const& role);
void write(json::Writer& out, User const& user);
void write(json::Writer& out, ClusterInfo const& cluster, TaskBoard const& board);
void write_stats(json::Writer& out, Vm const& vm);

void write_strings(json::Writer& out, std::string_view key, std::vector<std::string> const& texts);

}  // namespace sb::sim
