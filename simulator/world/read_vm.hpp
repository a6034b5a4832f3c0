#pragma once
// Converts the API's JSON into values: only members that are present change. Types were already checked
// (api/schema.hpp).

#include "common/json/document.hpp"
#include "simulator/world/model.hpp"

namespace sb::sim {

void read_into(BlockDevice& device, json::View from);
void read_into(NetDevice& nic, json::View from);
/// Name, description, tags, memory, affinity, cloud-init and the like; not the devices.
void read_into(Vm& vm, json::View from);
/// Devices and NICs of a new VM. Ignores uuids in the request: the cluster assigns its own.
void read_devices(Vm& vm, json::View from);
void read_into(Schedule& schedule, json::View from);
std::vector<std::string> read_strings(json::View from);

void set(std::string& target, json::View from);
void set(std::int64_t& target, json::View from);
void set(bool& target, json::View from);

}  // namespace sb::sim
